/// The model catalogue (models.json beside the source), compiled into the program so that it is one file to deploy.
#ifndef EKAI_CCATALOGUE_H
#define EKAI_CCATALOGUE_H
#include <stddef.h>
extern const unsigned char ekai_catalogue_json[];
extern const size_t ekai_catalogue_json_bytes;
#endif
