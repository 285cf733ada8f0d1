/// The look of a report: light and dark by the reader's choice, nothing fetched.
enum ReportStyle {
    /// Colours for lines; a chart has no more of them.
    static let colours = 6

    static let css = """
        :root { color-scheme: light dark; --ink: #1b2430; --soft: #5b6675; --page: #f6f7f9; --card: #ffffff; --rule: #e3e7ec; --warn: #b42318;
        --c0: #2563eb; --c1: #c2410c; --c2: #0f766e; --c3: #9333ea; --c4: #be185d; --c5: #4d7c0f; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa6b5; --page: #10151c; --card: #182029; --rule: #2b3643;
        --warn: #ff8a7a; --c0: #6ea8fe; --c1: #ff9d5c; --c2: #4fd1c5; --c3: #c79bff; --c4: #ff85b8; --c5: #a3d65c; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
        main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 60px; }
        h1 { font-size: 24px; margin: 0 0 2px; } h2 { font-size: 17px; margin: 32px 0 10px; }
        .under { color: var(--soft); margin: 0 0 20px; overflow-wrap: anywhere; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); gap: 12px; }
        .tile, figure, .table { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
        .tile { padding: 10px 14px; } .tile b { display: block; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; }
        .tile span { color: var(--soft); font-size: 13px; }
        .warn { border-left: 4px solid var(--warn); background: var(--card); padding: 8px 14px; margin: 14px 0 0; }
        .table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
        th, td { padding: 7px 14px; text-align: right; border-top: 1px solid var(--rule); font-variant-numeric: tabular-nums; white-space: nowrap; }
        thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: 13px; } th:first-child, td:first-child { text-align: left; }
        tbody th { font-weight: 500; } .facts td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 14px; }
        figure { margin: 0; padding: 12px 14px; } figure.wide { grid-column: 1 / -1; overflow-x: auto; } figure.wide .plot { min-width: 700px; }
        figcaption { font-weight: 600; } .legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 2px 0 4px; padding: 0;
        font-size: 13px; color: var(--soft); min-height: 20px; } .key { width: 24px; height: 8px; margin-right: 6px; vertical-align: middle; }
        .plot { width: 100%; height: auto; display: block; } text { fill: var(--soft); font: 12px system-ui, sans-serif; } .title { fill: var(--ink); }
        .grid { stroke: var(--rule); } .axis { stroke: var(--soft); fill: none; }
        polyline { fill: none; stroke-width: 1.8; stroke-linejoin: round; } .key line { stroke-width: 3; } .dashed { stroke-dasharray: 5 3; }

        """ + (0..<colours).map { ".s\($0) { stroke: var(--c\($0)); } .d\($0) { fill: var(--c\($0)); }" }.joined(separator: "\n")
}
