import { expect, test } from 'vitest';
import { narrate } from '../../../src/runtime/narrate/narrate.ts';
import { createLogSink } from '../../../src/runtime/observe/log-sink.ts';
import { createMetrics } from '../../../src/runtime/observe/metrics.ts';

test.each(['the disk is full', 'the disk is full.'])(
  'an unavailable store is reported in full sentences, whether or not its message ends with a full stop (%s)',
  (message) => {
    const texts: string[] = [];
    narrate(
      { kind: 'store-unavailable', message },
      createLogSink(
        (line) => void texts.push(line.text),
        () => 0,
      ),
      createMetrics(),
    );
    expect(texts).toEqual([
      'The queue cannot be read or written: the disk is full. Background calls get 503 until it can.',
    ]);
  },
);
