/// The model catalogue (models.json beside the source), compiled into the program so that it is one file to deploy.
#ifndef EKAI_CCATALOGUE_H
#define EKAI_CCATALOGUE_H
#include <stddef.h>
extern const unsigned char ekai_catalogue_json[];
extern const size_t ekai_catalogue_json_bytes;
/// Swift does not see an array of unknown length, but a pointer to its start.
static inline const void *_Nonnull ekai_catalogue_start(void) { return ekai_catalogue_json; }
#endif
