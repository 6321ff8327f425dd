import { showsUse } from '../../judge/use.ts';
import type { FaultResult, UseSeen } from '../../verdict.types.ts';

export interface EvidenceLeg {
  readonly leg: 'In' | 'In use' | 'Out';
  /** What was observed; where it was nothing, what that means. */
  readonly lines: readonly string[];
  /** False: this leg was not observed. */
  readonly isSeen: boolean;
}

/** The three legs of a fault's evidence, as every artefact shows them. */
export function evidenceLegs({ kind, legs, noticed, unnoticed }: FaultResult): readonly EvidenceLeg[] {
  const used = [...legs.use.flatMap(useLines), ...noticed.slice(0, SHOWN).map((line) => `noticed: ${line}`)];
  const allowed = unnoticed ? ['the drill says that no request has to notice it (expect: unnoticed)'] : [];
  return [
    leg('In', legs.in, 'nothing was observed that proves this fault'),
    {
      leg: 'In use',
      lines: [...(used.length > 0 ? used : ['not measured']), ...allowed],
      isSeen: noticed.length > 0 || legs.use.some((one) => showsUse(one, kind)),
    },
    leg('Out', legs.out, 'nothing was observed that proves its end'),
  ];
}

/** Of the request names that noticed it. */
const SHOWN = 5;

function leg(name: 'In' | 'Out', seen: readonly string[], missing: string): EvidenceLeg {
  return { leg: name, lines: seen.length > 0 ? seen : [missing], isSeen: seen.length > 0 };
}

function useLines({ when, inUse, seen }: UseSeen): string[] {
  const prefix = when === 'steady' ? 'before' : 'while it was in';
  const doubt = inUse === null ? ', not measured' : inUse ? '' : ', not in use';
  return seen.map((sentence) => `${prefix}${doubt}: ${sentence}`);
}
