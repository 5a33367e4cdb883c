import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { render } from 'velocityjs';

/**
 * A directory with Apache Velocity and its dependencies from Maven Central, made by
 * `scripts/install-aws-tools.sh`.
 */
export const velocityJars = process.env.BGFN_VELOCITY_JARS;

/** The input that API Gateway passes to a mapping template. */
export interface TemplateInput {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly pathParameters: Readonly<Record<string, string>>;
  /** The value of `$input.body`. */
  readonly body: string;
  /** Values of `$context` by dotted name. */
  readonly context: Readonly<Record<string, string>>;
}

/** An independent Velocity engine with API Gateway's variables. */
export interface Velocity extends AsyncDisposable {
  render(template: string, input: TemplateInput): Promise<string>;
}

/** Velocityjs, with the methods of Java's strings and maps that the template calls. */
export function velocityJs(): Velocity {
  return {
    render: async (template, { headers, query, pathParameters, body, context }) => {
      const params = {
        header: javaMap(headers),
        querystring: javaMap(query),
        path: javaMap(pathParameters),
      };
      const { 'identity.sourceIp': sourceIp, path, ...rest } = context;
      return render(template, {
        input: { params: () => params, body },
        util: {
          escapeJavaScript,
          base64Decode: (text: unknown) => Buffer.from(String(text), 'base64').toString(),
        },
        context: { ...rest, path: new JavaString(path ?? ''), identity: { sourceIp } },
      });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/**
 * Apache Velocity itself, with the strings of Java and the escaping of Commons Lang, in a process
 * that runs until disposal.
 */
export function apacheVelocity(): Velocity {
  const source = fileURLToPath(new URL('velocity/Render.java', import.meta.url));
  const child = spawn('java', ['-cp', `${velocityJars ?? ''}/*`, source], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  const entries = (word: string, values: Readonly<Record<string, string>>): string[] =>
    Object.entries(values).map(([key, value]) => `${word} ${encode(key)} ${encode(value)}`);
  return {
    render: async (template, { headers, query, pathParameters, body, context }) => {
      const words = [
        `template ${encode(template)}`,
        `body ${encode(body)}`,
        ...entries('header', headers),
        ...entries('querystring', query),
        ...entries('path', pathParameters),
        ...entries('context', context),
        'render',
        '',
      ];
      child.stdin.write(words.join('\n'));
      const { value, done } = await lines.next();
      if (done === true) throw new Error('Java ended.');
      return Buffer.from(value, 'base64').toString();
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(child, 'close');
      child.stdin.end();
      await closed;
    },
  };
}

/**
 * The methods of Java's strings that the mapping template calls. Java's patterns are close enough
 * to JavaScript's for the template.
 */
class JavaString {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  replaceFirst(pattern: string, by: string): JavaString {
    return new JavaString(this.#text.replace(new RegExp(pattern), by));
  }
  toLowerCase(): JavaString {
    return new JavaString(this.#text.toLowerCase());
  }
  replaceAll(pattern: string, by: string): JavaString {
    return new JavaString(this.#text.replaceAll(new RegExp(pattern, 'g'), by));
  }
  toString(): string {
    return this.#text;
  }
}

/**
 * Escapes like Apache Commons Lang 2.x: both kinds of quotes, the slash, and everything except
 * printable ASCII.
 */
function escapeJavaScript(text: unknown): JavaString {
  const named: Record<string, string> = {
    '\b': '\\b',
    '\n': '\\n',
    '\t': '\\t',
    '\f': '\\f',
    '\r': '\\r',
  };
  const escaped = String(text).replaceAll(/[\s\S]/g, (char) => {
    if (named[char] !== undefined) return named[char];
    if (/['"\\/]/.test(char)) return `\\${char}`;
    return char < ' ' || char > '~'
      ? `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
      : char;
  });
  return new JavaString(escaped);
}

const javaMap = (entries: Readonly<Record<string, string>>) => ({
  keySet: () => Object.keys(entries).map((key) => new JavaString(key)),
  get: (key: unknown) => entries[String(key)],
});
