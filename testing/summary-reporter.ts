import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** Says `N passed, N failed` alone on the very last line, for whoever reads the result with a program. */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const results = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const passed = results.filter((state) => state === 'passed').length;
    // A test that the run never came to has not passed; nor has a file that could not be loaded, which has no tests.
    const unfinished = results.filter((state) => state === 'failed' || state === 'pending').length;
    const failed = unfinished + modules.flatMap((module) => module.errors()).length + unhandled.length;
    // Other reporters, and the runner itself, have words of their own after this.
    process.once('exit', () => process.stdout.write(`${passed} passed, ${failed} failed\n`));
  }
}
