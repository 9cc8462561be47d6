import { defineConfig } from 'vitest/config';
import { isLong } from './testing/scale.ts';
import { SummaryReporter } from './testing/summary-reporter.ts';

export default defineConfig({
  test: {
    include: ['{src,testing,bench}/**/*.test.ts'],
    // Processes of their own: tests start threads and native code, and what one leaves behind must not meet another.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: isLong ? 600_000 : 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    allowOnly: false,
    reporters: ['default', new SummaryReporter()],
  },
});
