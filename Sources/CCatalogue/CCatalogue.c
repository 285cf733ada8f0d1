#include "CCatalogue.h"

const unsigned char ekai_catalogue_json[] = {
#embed "models.json"
};
const size_t ekai_catalogue_json_bytes = sizeof ekai_catalogue_json;
