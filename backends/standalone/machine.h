#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Streams that run side by side: 64, or with GCC's vectors (Clang has them too) any larger power of two. */
#ifndef TRILC_LANES
#ifdef __GNUC__
#define TRILC_LANES 512
#else
#define TRILC_LANES 64
#endif
#endif

/* One bit for each stream: stream s is bit s % 64 of its word s / 64. */
#if TRILC_LANES == 64
typedef uint64_t trilc_lanes;
#elif TRILC_LANES < 64 || TRILC_LANES & (TRILC_LANES - 1) || !defined __GNUC__
#error "TRILC_LANES: expected 64, or with GCC or Clang a larger power of two"
#else
typedef uint64_t trilc_lanes __attribute__((vector_size(TRILC_LANES / 8), aligned(8), may_alias));
#endif

/* The streams' state, and scratch. Copy it to save it. */
typedef struct {
    trilc_lanes state[TRILC_REGISTERS + 1];
    trilc_lanes values[TRILC_SLOTS];
} trilc_machine;

/* Put every stream into the reset state. */
void trilc_init(trilc_machine *machine);

/* One step of every stream: TRILC_INPUTS bits in, TRILC_OUTPUTS bits out. Tokens are not checked. */
void trilc_step(trilc_machine *machine, const trilc_lanes *inputs, trilc_lanes *outputs);

#if TRILC_INPUTS <= 32 && TRILC_OUTPUTS <= 64
#define TRILC_CODES
/* Read tokens[step * TRILC_LANES + stream], and write to said[…] the output's bits as one number.
   Returns how many steps were made: it stops before one with a token that is not below TRILC_VOCABULARY. */
size_t trilc_run(trilc_machine *machine, const uint32_t *tokens, uint64_t *said, size_t steps);
#endif

/* What the netlist says of itself, as JSON. */
extern const char trilc_metadata[];

