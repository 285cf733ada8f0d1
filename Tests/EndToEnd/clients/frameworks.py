"""Frameworks as people use them: each asks a question with a tool at hand, lets the tool run as often as the model calls it, and gives the last words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import agents
import anthropic
import httpx2
import openai
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool as langchain_tool
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_openai import ChatOpenAI
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel, AnthropicModelSettings
from pydantic_ai.models.google import GoogleModel, GoogleModelSettings
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIChatModelSettings, OpenAIResponsesModel, OpenAIResponsesModelSettings
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider

SYSTEM = "You know the weather."
TIMEOUT_SECONDS = 15
MAX_TOKENS = 4096
BUDGET = 1024
NEWEST = ("claude-opus-4-8",)

# Nothing is told to anybody about what the tests run.
agents.set_tracing_disabled(True)


@dataclass
class Job:
    """What a framework is to do. `cities` collects what the tool was asked for."""

    url: str
    key: str
    model: str
    prompt: str
    stream: bool = False
    thinking: bool = False
    cities: list[str] = field(default_factory=list)

    def weather(self, city: str) -> str:
        self.cities.append(city)
        return f"{len(city)} degrees"


# pydantic-ai

def _pydantic(job: Job, connection, model, settings) -> str:
    """`connection` is closed at the end, in the loop that it belongs to."""
    agent = Agent(model, system_prompt=SYSTEM, model_settings=settings if job.thinking else None, retries=0)

    @agent.tool_plain
    def get_weather(city: str) -> str:
        """Tells the weather of a city."""
        return job.weather(city)

    async def listen(context, events) -> None:
        async for _ in events:
            pass

    async def run() -> str:
        async with connection:
            return (await agent.run(job.prompt, event_stream_handler=listen if job.stream else None)).output

    return asyncio.run(run())


def _async_openai(job: Job) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{job.url}/v1", api_key=job.key, max_retries=0, timeout=TIMEOUT_SECONDS)


def pydantic_chat(job: Job) -> str:
    sdk = _async_openai(job)
    return _pydantic(job, sdk, OpenAIChatModel(job.model, provider=OpenAIProvider(openai_client=sdk)), OpenAIChatModelSettings(openai_reasoning_effort="low"))


def pydantic_responses(job: Job) -> str:
    sdk = _async_openai(job)
    return _pydantic(job, sdk, OpenAIResponsesModel(job.model, provider=OpenAIProvider(openai_client=sdk)),
                     OpenAIResponsesModelSettings(openai_reasoning_effort="low", openai_reasoning_summary="auto"))


def pydantic_messages(job: Job) -> str:
    sdk = anthropic.AsyncAnthropic(base_url=job.url, api_key=job.key, max_retries=0, timeout=TIMEOUT_SECONDS)
    thinking = {"type": "adaptive"} if job.model in NEWEST else {"type": "enabled", "budget_tokens": BUDGET}
    return _pydantic(job, sdk, AnthropicModel(job.model, provider=AnthropicProvider(anthropic_client=sdk)),
                     AnthropicModelSettings(anthropic_thinking=thinking, max_tokens=MAX_TOKENS))


def pydantic_gemini(job: Job) -> str:
    http = httpx2.AsyncClient(timeout=TIMEOUT_SECONDS)
    return _pydantic(job, http, GoogleModel(job.model, provider=GoogleProvider(api_key=job.key, base_url=job.url, http_client=http)),
                     GoogleModelSettings(google_thinking_config={"include_thoughts": True, "thinking_budget": BUDGET}))


# LangChain

def _langchain(job: Job, model) -> str:
    @langchain_tool
    def get_weather(city: str) -> str:
        """Tells the weather of a city."""
        return job.weather(city)

    bound = model.bind_tools([get_weather])
    conversation = [SystemMessage(SYSTEM), HumanMessage(job.prompt)]
    while True:
        if job.stream:
            pieces = list(bound.stream(conversation))
            answer = pieces[0]
            for piece in pieces[1:]:
                answer += piece
        else:
            answer = bound.invoke(conversation)
        if not answer.tool_calls:
            return answer.text
        conversation.append(answer)
        conversation += [ToolMessage(get_weather.invoke(call["args"]), tool_call_id=call["id"], name=call["name"]) for call in answer.tool_calls]


def langchain_chat(job: Job) -> str:
    thinking = {"reasoning_effort": "low"} if job.thinking else {}
    return _langchain(job, ChatOpenAI(model=job.model, base_url=f"{job.url}/v1", api_key=job.key, max_retries=0, timeout=TIMEOUT_SECONDS, stream_usage=True,
                                      use_responses_api=False, **thinking))


def langchain_responses(job: Job) -> str:
    thinking = {"reasoning": {"effort": "low", "summary": "auto"}, "include": ["reasoning.encrypted_content"]} if job.thinking else {}
    return _langchain(job, ChatOpenAI(model=job.model, base_url=f"{job.url}/v1", api_key=job.key, max_retries=0, timeout=TIMEOUT_SECONDS,
                                      use_responses_api=True, output_version="responses/v1", store=False, **thinking))


def langchain_messages(job: Job) -> str:
    thinking = {"thinking": {"type": "adaptive"} if job.model in NEWEST else {"type": "enabled", "budget_tokens": BUDGET}} if job.thinking else {}
    return _langchain(job, ChatAnthropic(model=job.model, base_url=job.url, api_key=job.key, max_retries=0, timeout=TIMEOUT_SECONDS, max_tokens=MAX_TOKENS,
                                         **thinking))


def langchain_gemini(job: Job) -> str:
    thinking = {"include_thoughts": True, "thinking_budget": BUDGET} if job.thinking else {}
    return _langchain(job, ChatGoogleGenerativeAI(model=job.model, base_url=job.url, api_key=job.key, max_retries=1, timeout=TIMEOUT_SECONDS, **thinking))


# OpenAI's agents

def _agents(job: Job, kind) -> str:
    @agents.function_tool
    def get_weather(city: str) -> str:
        """Tells the weather of a city."""
        return job.weather(city)

    thinking = {"reasoning": {"effort": "low", "summary": "auto"}, "store": False, "response_include": ["reasoning.encrypted_content"]}
    settings = agents.ModelSettings(**thinking if job.thinking else {})

    async def run() -> str:
        async with _async_openai(job) as sdk:
            agent = agents.Agent("weather", instructions=SYSTEM, tools=[get_weather], model=kind(job.model, sdk), model_settings=settings)
            if not job.stream:
                return (await agents.Runner.run(agent, job.prompt)).final_output
            result = agents.Runner.run_streamed(agent, job.prompt)
            async for _ in result.stream_events():
                pass
            return result.final_output

    return asyncio.run(run())


def agents_responses(job: Job) -> str:
    return _agents(job, agents.OpenAIResponsesModel)


def agents_chat(job: Job) -> str:
    return _agents(job, agents.OpenAIChatCompletionsModel)


# The dialect that each speaks.
FRAMEWORKS: dict[Callable[[Job], str], str] = {
    pydantic_chat: "chat", pydantic_responses: "responses", pydantic_messages: "messages", pydantic_gemini: "gemini",
    langchain_chat: "chat", langchain_responses: "responses", langchain_messages: "messages", langchain_gemini: "gemini",
    agents_responses: "responses", agents_chat: "chat",
}
