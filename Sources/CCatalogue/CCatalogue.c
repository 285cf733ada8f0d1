#include "CCatalogue.h"

// #embed is C23; clang offers it in every mode and would only remark on it.
#pragma clang diagnostic ignored "-Wc23-extensions"
const unsigned char ekai_catalogue_json[] = {
#embed "models.json"
};
const size_t ekai_catalogue_json_bytes = sizeof ekai_catalogue_json;
