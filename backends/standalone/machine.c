
void trilc_init(trilc_machine *machine)
{
    size_t i;
    memset(machine, 0, sizeof *machine);
    for (i = 0; i < TRILC_REGISTERS; i++)
        if (trilc_reset[i])
            machine->state[i] = ~machine->state[i];
}

static void trilc_get(const trilc_machine *machine, uint32_t root, trilc_lanes *target)
{
    *target = root & 1 ? ~machine->values[root >> 1] : machine->values[root >> 1];
}

void trilc_step(trilc_machine *machine, const trilc_lanes *inputs, trilc_lanes *outputs)
{
    size_t i;
    trilc_lanes *values = machine->values;
    for (i = 0; i < TRILC_INPUTS; i++)
        values[1 + i] = inputs[i];
    for (i = 0; i < TRILC_REGISTERS; i++)
        values[1 + TRILC_INPUTS + i] = machine->state[i];
    trilc_gates(values);
    for (i = 0; i < TRILC_OUTPUTS; i++)
        trilc_get(machine, trilc_roots[i], outputs + i);
    for (i = 0; i < TRILC_REGISTERS; i++)
        trilc_get(machine, trilc_roots[TRILC_OUTPUTS + i], machine->state + i);
}

#ifdef TRILC_CODES
/* Eight tokens' bytes in a word: a multiplication gathers one bit of each, another scatters them
   (Knuth, The Art of Computer Programming 4A, 7.1.3). */
#define TRILC_ONES 0x0101010101010101u

static int trilc_pack(const uint32_t *tokens, uint64_t *planes)
{
    size_t eight, i, k;
    for (eight = 0; eight < TRILC_LANES / 8; eight++) {
        uint64_t bytes[4] = {0, 0, 0, 0};
        for (k = 0; k < 8; k++) {
            uint32_t token = tokens[8 * eight + k];
            if (token >= TRILC_VOCABULARY)
                return 0;
            for (i = 0; i < (TRILC_INPUTS + 7) / 8; i++)
                bytes[i] |= (uint64_t)(token >> 8 * i & 255) << 8 * k;
        }
        for (i = 0; i < TRILC_INPUTS; i++) {
            uint64_t *word = planes + TRILC_LANES / 64 * i + eight / 8;
            uint64_t ones = bytes[trilc_input_bits[i] / 8] >> trilc_input_bits[i] % 8 & TRILC_ONES;
            uint64_t few = ones * 0x0102040810204080u >> 56 << eight % 8 * 8;
            *word = eight % 8 ? *word | few : few;
        }
    }
    return 1;
}

static void trilc_unpack(const uint64_t *planes, uint64_t *said)
{
    size_t eight, i, k;
    for (eight = 0; eight < TRILC_LANES / 8; eight++) {
        uint64_t bytes[8] = {0, 0, 0, 0, 0, 0, 0, 0};
        for (i = 0; i < TRILC_OUTPUTS; i++) {
            uint64_t few = planes[TRILC_LANES / 64 * i + eight / 8] >> eight % 8 * 8 & 255;
            uint64_t ones = ((few * TRILC_ONES & 0x8040201008040201u) + 0x7F7F7F7F7F7F7F7Fu) >> 7 & TRILC_ONES;
            bytes[trilc_output_bits[i] / 8] |= ones << trilc_output_bits[i] % 8;
        }
        for (k = 0; k < 8; k++) {
            uint64_t code = 0;
            for (i = 0; i < (TRILC_OUTPUTS + 7) / 8; i++)
                code |= (bytes[i] >> 8 * k & 255) << 8 * i;
            said[8 * eight + k] = code;
        }
    }
}

size_t trilc_run(trilc_machine *machine, const uint32_t *tokens, uint64_t *said, size_t steps)
{
    size_t step;
    trilc_lanes inputs[TRILC_INPUTS + 1], outputs[TRILC_OUTPUTS + 1];
    for (step = 0; step < steps; step++) {
        if (!trilc_pack(tokens + TRILC_LANES * step, (uint64_t *)inputs))
            break;
        trilc_step(machine, inputs, outputs);
        trilc_unpack((const uint64_t *)outputs, said + TRILC_LANES * step);
    }
    return step;
}
#endif

#ifdef TRILC_MAIN
#include <stdio.h>

/* One stream, from standard input to standard output: an output for each token, one per line.
   Tokens are ids between white space, or with --bytes every byte is one; with --bits the output's bits are printed in
   their order, else they are one number. --metadata prints the JSON and stops. */
static int trilc_read(int bytes, uint32_t *token)
{
    int c = getchar();
    uint64_t id = 0;
    if (bytes) {
        *token = (uint32_t)c;
        return c == EOF ? 0 : 1;
    }
    while (c == ' ' || (c >= '\t' && c <= '\r'))
        c = getchar();
    if (c == EOF)
        return 0;
    for (; c >= '0' && c <= '9'; c = getchar())
        if ((id = 10 * id + (uint64_t)(c - '0')) >= TRILC_VOCABULARY)
            return -1;
    *token = (uint32_t)id;
    return c == EOF || c == ' ' || (c >= '\t' && c <= '\r') ? 1 : -1;
}

int main(int count, char **arguments)
{
    static trilc_machine machine;
    trilc_lanes inputs[TRILC_INPUTS + 1], outputs[TRILC_OUTPUTS + 1];
    int bytes = 0, bits = TRILC_OUTPUTS > 64, i, more;
    unsigned long position = 0;
    uint32_t token = 0;
    for (i = 1; i < count; i++) {
        if (!strcmp(arguments[i], "--bytes"))
            bytes = 1;
        else if (!strcmp(arguments[i], "--bits"))
            bits = 1;
        else if (!strcmp(arguments[i], "--metadata"))
            return puts(trilc_metadata) < 0;
        else {
            fprintf(stderr, "usage: %s [--bytes] [--bits] [--metadata] < TOKENS\n", arguments[0]);
            return 2;
        }
    }
    trilc_init(&machine);
    memset(inputs, 0, sizeof inputs);
    while ((more = trilc_read(bytes, &token)) != 0) {
        uint64_t code = 0, word;
        if (more < 0 || token >= TRILC_VOCABULARY) {
            fprintf(stderr, "error: position %lu: expected a token id below %lu\n", position,
                    (unsigned long)TRILC_VOCABULARY);
            return 2;
        }
        for (i = 0; i < TRILC_INPUTS; i++) {
            word = trilc_input_bits[i] < 32 ? token >> trilc_input_bits[i] & 1 : 0;
            memcpy(inputs + i, &word, sizeof word);
        }
        trilc_step(&machine, inputs, outputs);
        for (i = 0; i < TRILC_OUTPUTS; i++) {
            memcpy(&word, outputs + i, sizeof word);
            if (bits)
                putchar('0' + (int)(word & 1));
            else
                code |= (word & 1) << (trilc_output_bits[i] & 63);
        }
        if (bits)
            putchar('\n');
        else
            printf("%llu\n", (unsigned long long)code);
        position++;
    }
    return fflush(stdout) != 0 || ferror(stdout);
}
#endif
