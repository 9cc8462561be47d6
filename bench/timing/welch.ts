interface Spread {
  readonly mean: number;
  /** Of the mean, squared: the sample variance divided by the count. */
  readonly squaredError: number;
}

/**
 * Welch's t: how many standard errors the means of two samples lie apart, whatever their variances and counts.
 * Beyond ±4.5 the two were hardly drawn from the same distribution.
 * @throws RangeError when a sample has fewer than two values
 * @see B. L. Welch, "The generalization of Student's problem when several different population variances are
 *   involved", Biometrika 34 (1947)
 */
export function welchT(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [spreadOf(one), spreadOf(other)];
  const difference = a.mean - b.mean;
  return difference === 0 ? 0 : difference / Math.sqrt(a.squaredError + b.squaredError);
}

function spreadOf(values: readonly number[]): Spread {
  const count = values.length;
  if (count < 2) throw new RangeError('a sample needs two values');
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, squaredError: squares / (count - 1) / count };
}
