import type { VerificationOfTrails } from '../commands/audit.ts';
import type { StatusBody } from '../commands/server.ts';
import { bad, type Check, ok, orOk, warn } from './check.ts';

const reasonRemedies: Readonly<Record<string, string>> = {
  clock_unconfirmed: 'set the clock right; if it is right, start once with COUNTERSIGN_CONFIRM_CLOCK=yes',
  sending_stopped: 'run: countersign resume-sending',
};

export function serverChecks(running: boolean, status: StatusBody | undefined): readonly Check[] {
  const name = 'server';
  if (!running) return [warn(name, 'it is not running', 'start it: countersign serve, or countersign dev')];
  if (status === undefined) return [bad(name, 'it does not say how it is', 'look at its log')];
  if (status.ready) return [ok(name, `running, version ${status.version}`)];
  return status.reasons.map((reason) => bad(name, `not ready: ${reason}`, reasonRemedies[reason] ?? 'look at its log'));
}

export function sendingChecks({ sendingStopped, queued }: StatusBody): readonly Check[] {
  const name = 'sending';
  if (!sendingStopped) return [ok(name, `on, ${queued} queued`)];
  return [warn(name, 'it was stopped: no message goes out', 'run: countersign resume-sending')];
}

export function auditChecks({ trails, ok: whole }: VerificationOfTrails): readonly Check[] {
  const name = 'audit trails';
  const found = trails.flatMap(({ tenantId, problem }) =>
    problem === null
      ? []
      : [
          bad(
            name,
            `the trail of ${tenantId} is broken at entry ${problem.number}: ${problem.what}`,
            'keep a copy of the store, find out who changed it, restore a backup from before',
          ),
        ],
  );
  if (!whole && found.length === 0) return [bad(name, 'a trail is broken', 'run: countersign audit verify')];
  return orOk(found, name, `${trails.length} verified`);
}
