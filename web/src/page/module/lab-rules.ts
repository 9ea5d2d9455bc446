// The lab's answer rules: what comes in, and what goes back by itself.

import { fromHex, fromTyped, readable } from './bytes.ts';

export type RuleMatch = 'any' | 'begins' | 'equals' | 'contains';
export type RuleAnswer = 'echo' | 'text' | 'hex' | 'time' | 'close' | 'reset';

export interface LabRule {
  readonly match: RuleMatch;
  /** Text as typed, with escapes; not looked at for `any`. */
  readonly pattern: string;
  readonly answer: RuleAnswer;
  /** What `text` and `hex` send. */
  readonly value: string;
}

/** What a rule makes the lab do. */
export type RuleAct =
  { readonly kind: 'send'; readonly bytes: Uint8Array } | { readonly kind: 'close' | 'reset' };

/** Whether the rule can work: hex that is none answers nothing. */
export const isSound = (rule: LabRule): boolean =>
  (rule.answer !== 'hex' || fromHex(rule.value) !== null) &&
  (rule.match === 'any' || rule.pattern !== '');

function matches(rule: LabRule, bytes: Uint8Array): boolean {
  if (rule.match === 'any') return true;
  const data = readable(bytes);
  const wanted = readable(fromTyped(rule.pattern));
  if (rule.match === 'equals') return data === wanted;
  return rule.match === 'begins' ? data.startsWith(wanted) : data.includes(wanted);
}

/** What the first rule that fits does; null when none fits. `unixSeconds` is what `time` answers. */
export function answerOf(
  rules: readonly LabRule[],
  bytes: Uint8Array,
  unixSeconds: number,
): RuleAct | null {
  const rule = rules.find((one) => isSound(one) && matches(one, bytes));
  switch (rule?.answer) {
    case 'echo':
      return { kind: 'send', bytes };
    case 'text':
      return { kind: 'send', bytes: fromTyped(rule.value) };
    case 'hex':
      return { kind: 'send', bytes: fromHex(rule.value) ?? new Uint8Array() };
    case 'time':
      return { kind: 'send', bytes: fromTyped(String(unixSeconds)) };
    case 'close':
    case 'reset':
      return { kind: rule.answer };
    case undefined:
      return null;
  }
}
