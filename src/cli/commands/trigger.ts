import { Command } from 'commander';
import pc from 'picocolors';
import { z } from 'zod';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { didYouMean } from '../../diagnostic/did-you-mean.ts';
import { messageOf } from '../../diagnostic/system-error.ts';
import { sampleEvents } from '../events/sample-events.ts';
import { parseAddress } from '../input/address.ts';
import { type PayloadFlags, readPayload } from '../input/payload.ts';
import { jsonLine } from '../output/json.ts';

interface TriggerFlags extends PayloadFlags {
  readonly adminUrl: string;
  readonly print?: boolean;
  readonly json?: boolean;
}

/**
 * `bgfn trigger <event>`: fires a platform event at the functions that handle the event, through
 * the admin API of a running `bgfn serve`.
 */
export function triggerCommand(): Command {
  const events = Object.entries(sampleEvents).map(
    ([slug, { summary }]) => `  ${slug.replaceAll('_', '-').padEnd(24)}${summary}`,
  );
  return new Command('trigger')
    .description('fire a Netlify or Identity event with a realistic payload')
    .argument('<event>', 'such as deploy-succeeded or identity-signup')
    .option('--payload <json>', 'this body instead of the sample')
    .option('--payload-file <file>', 'the body from a file (- for standard input)')
    .option(
      '--admin-url <url>',
      'the admin address of `bgfn serve`',
      parseAddress,
      'http://127.0.0.1:8889',
    )
    .option('--print', 'only print the body')
    .option('--json', 'print the invocations as a JSON document')
    .addHelpText('after', `\nEvents:\n${events.join('\n')}`)
    .action(async (event: string, flags: TriggerFlags) => {
      const slug = slugOf(event);
      const body = await bodyOf(slug, flags);
      if (flags.print === true) process.stdout.write(`${body}\n`);
      else report(event, await fire(slug, body, flags), flags.json === true);
    });
}

/** @throws {BgfnError} `EVENT_UNKNOWN` */
function slugOf(event: string): string {
  const slug = event.replaceAll('-', '_');
  if (Object.hasOwn(sampleEvents, slug)) return slug;
  const known = Object.keys(sampleEvents).map((name) => name.replaceAll('_', '-'));
  const near = didYouMean(event, known);
  throw new BgfnError('EVENT_UNKNOWN', `There is no event "${event}".`, {
    kind: 'usage',
    hint: near === undefined ? `The events are ${known.join(', ')}.` : `Did you mean ${near}?`,
  });
}

async function bodyOf(slug: string, flags: TriggerFlags): Promise<string> {
  const payload = await readPayload(flags);
  const given = typeof payload === 'object' ? Buffer.from(payload).toString('utf8') : payload;
  if (given === undefined) {
    return JSON.stringify(sampleEvents[slug]?.body(new Date()), undefined, 2);
  }
  try {
    JSON.parse(given);
  } catch (error) {
    throw new BgfnError(
      'PAYLOAD_NOT_JSON',
      `The payload of an event is JSON, and this is not: ${messageOf(error)}.`,
      { kind: 'usage' },
    );
  }
  return given;
}

const answerSchema = z.object({
  invocations: z.array(z.object({ functionName: z.string(), id: z.string() })),
});

async function fire(
  slug: string,
  body: string,
  flags: TriggerFlags,
): Promise<z.infer<typeof answerSchema>['invocations']> {
  const token = process.env['BGFN_ADMIN_TOKEN'];
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const url = new URL(`/api/events/${slug}`, flags.adminUrl);
  const response = await fetch(url, { method: 'POST', headers, body }).catch((error: unknown) => {
    throw new BgfnError('ADMIN_UNREACHABLE', `No admin API answers at ${url.origin}.`, {
      hint: 'Start `bgfn serve` or `bgfn dev`; it prints the address, which --admin-url takes.',
      cause: error,
    });
  });
  if (response.status === 401) {
    throw new BgfnError('ADMIN_TOKEN_WRONG', `The admin API at ${url.origin} wants its token.`, {
      kind: 'usage',
      hint: 'Set BGFN_ADMIN_TOKEN to the one that `bgfn serve` has.',
    });
  }
  if (!response.ok) {
    throw new BgfnError(
      'ADMIN_REFUSED',
      `The admin API answered ${response.status}: ${await response.text()}`,
    );
  }
  return answerSchema.parse(await response.json()).invocations;
}

function report(
  event: string,
  invocations: z.infer<typeof answerSchema>['invocations'],
  json: boolean,
): void {
  if (invocations.length === 0) {
    throw new BgfnError('EVENT_UNHEARD', `No function listens to ${event}.`, {
      hint: `Name one ${event} or ${event}-background, or give it the event's handler.`,
    });
  }
  for (const { functionName, id } of invocations) {
    process.stderr.write(`${pc.green('queued')} ${functionName}\n`);
    if (!json) process.stdout.write(`${id}\n`);
  }
  if (json) process.stdout.write(jsonLine({ invocations }));
}
