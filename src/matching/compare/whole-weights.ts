/**
 * Weights as whole numbers, rounded up: what turns pairs away adds up dozens of them for each of millions of pairs, and a
 * number with a fraction that a function returns is an object, which somebody has to clear away.
 */
export const unitsPerBit = 2 ** 16;

/** As large as any weight can be: for what may agree, however much that weighs. */
export const anyWeight = 2 ** 28;

/** The next whole number of units. */
export const inUnits = (weight: number): number => Math.ceil(weight * unitsPerBit) | 0;
