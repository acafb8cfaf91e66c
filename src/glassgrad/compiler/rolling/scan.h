/* Scans of a sequence of codes for repetitions, for scan.py, which describes them. Arrays come as addresses. */
#ifndef GLASSGRAD_SCAN_H
#define GLASSGRAD_SCAN_H

#include <stdint.h>
#include <stdlib.h>

#define SCAN_FACTOR 6364136223846793005ULL

typedef struct {
    uint64_t word;
    int64_t last; /* where it ended last, plus 1; 0 if the slot is free */
} scan_slot;

static scan_slot *scan_find(scan_slot *table, uint64_t mask, uint64_t word) {
    uint64_t at = (word ^ (word >> 29)) * 0x9E3779B97F4A7C15ULL;
    at = (at ^ (at >> 32)) & mask;
    while (table[at].last && table[at].word != word)
        at = (at + 1) & mask;
    return table + at;
}

/* A table of twice the size with the same words, or NULL. The old one is freed. */
static scan_slot *scan_grown(scan_slot *table, uint64_t *mask) {
    uint64_t size = *mask + 1, larger = 2 * size - 1;
    scan_slot *found = (scan_slot *)calloc(2 * size, sizeof(scan_slot));
    if (found)
        for (uint64_t i = 0; i < size; i++)
            if (table[i].last)
                *scan_find(found, larger, table[i].word) = table[i];
    free(table);
    *mask = larger;
    return found;
}

static int scan_distances(uint64_t codes_at, int64_t size, int64_t width, uint64_t out_at) {
    const int32_t *codes = (const int32_t *)(uintptr_t)codes_at;
    int32_t *out = (int32_t *)(uintptr_t)out_at;
    uint64_t mask = 4095, used = 0, word = 0, oldest = 1;
    scan_slot *table = (scan_slot *)calloc(mask + 1, sizeof(scan_slot));
    for (int64_t j = 0; j < width; j++)
        oldest *= SCAN_FACTOR;
    for (int64_t i = 0; i < size && table; i++) {
        word = word * SCAN_FACTOR + (uint64_t)codes[i] + 1;
        if (i >= width)
            word -= oldest * ((uint64_t)codes[i - width] + 1);
        out[i] = 0;
        if (i < width - 1)
            continue;
        scan_slot *slot = scan_find(table, mask, word);
        if (slot->last) {
            out[i] = (int32_t)(i + 1 - slot->last);
            slot->last = i + 1;
            continue;
        }
        slot->word = word, slot->last = i + 1;
        if (2 * ++used > mask)
            table = scan_grown(table, &mask);
    }
    if (!table)
        return -1;
    free(table);
    return 0;
}

static int64_t scan_stretches(uint64_t codes_at, uint64_t lags_at, int64_t operands, int64_t size, int64_t period,
                              int64_t least, uint64_t out_at) {
    const int32_t *codes = (const int32_t *)(uintptr_t)codes_at, *lags = (const int32_t *)(uintptr_t)lags_at;
    int32_t *out = (int32_t *)(uintptr_t)out_at;
    int64_t found = 0, start = -1, stop = size - period;
    int32_t far = period < (1 << 28) ? (int32_t)(2 * period) : (1 << 29);
    for (int64_t i = 0; i <= stop; i++) {
        int same = i < stop && codes[i] == codes[i + period];
        for (int64_t k = 0; same && k < operands; k++) {
            int32_t a = lags[k * size + i], b = lags[k * size + i + period];
            same = a == b || b - a == period || (a > far && b > far);
        }
        if (same && start < 0)
            start = i;
        else if (!same && start >= 0) {
            if (i - start >= least)
                out[2 * found] = (int32_t)start, out[2 * found + 1] = (int32_t)i, found++;
            start = -1;
        }
    }
    return found;
}

#endif
