// `./moonwire check` and `./moonwire format`: formatters, linters and the repository's own rules, one result each.
import { globSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { Failure } from './failure.ts';
import type { Counts } from './counts.ts';
import { build, npmTool, root } from './paths.ts';
import { run } from './process.ts';
import { say, step } from './progress.ts';
import { readText, repositoryFiles, shellScripts } from './repository.ts';
import { formatLua } from './stylua.ts';

interface Rule {
  readonly name: string;
  /** Returns what is wrong, empty when nothing is. */
  readonly find: () => Promise<string>;
  /** Mends what can be mended. */
  readonly mend?: () => Promise<void>;
}

async function tool(command: string, args: readonly string[]): Promise<string> {
  const ended = await run(command, args);
  if (ended.status === 0) return '';
  return ended.output.trim() || `${command} ended with status ${String(ended.status)}`;
}

/** Runs `command` over `files`, or not at all when there are none: a linter without files would read its input. */
async function over(
  command: string,
  args: readonly string[],
  files: readonly string[],
): Promise<string> {
  return files.length === 0 ? '' : await tool(command, [...args, ...files]);
}

const node = process.execPath;
const prettier = npmTool('prettier/bin/prettier.cjs');
const cppFiles = async (): Promise<string[]> => await repositoryFiles('*.cpp', '*.h');
/** The scripts of tests/lua are compared with native Lua line by line and keep the form they have. */
const luaFiles = async (): Promise<string[]> =>
  await repositoryFiles('*.lua', ':!tests/lua/', ':!tests/data/');

const clangFormat: Rule = {
  name: 'clang-format',
  find: async () => await over('clang-format', ['--dry-run', '-Werror'], await cppFiles()),
  mend: async () => {
    await over('clang-format', ['-i'], await cppFiles());
  },
};

const prettierRule: Rule = {
  name: 'prettier',
  find: async () => await tool(node, [prettier, '--check', '--log-level=warn', '.']),
  mend: async () => {
    await tool(node, [prettier, '--write', '--log-level=warn', '.']);
  },
};

const eslint: Rule = {
  name: 'eslint',
  find: async () => await tool(node, [npmTool('eslint/bin/eslint.js'), '--quiet', '.']),
  mend: async () => {
    await tool(node, [npmTool('eslint/bin/eslint.js'), '--quiet', '--fix', '.']);
  },
};

const types: Rule = {
  name: 'types',
  find: async () => {
    const projects = await repositoryFiles('*tsconfig.json');
    const tsc = npmTool('typescript-native/bin/tsc');
    const found = await Promise.all(
      projects.map(async (project) => {
        const said = await tool(node, [tsc, '-p', `${root}/${project}`]);
        return said.includes('TS18003') ? '' : said;
      }),
    );
    return found.filter(Boolean).join('\n');
  },
};

const stylua: Rule = {
  name: 'stylua',
  find: async () => {
    const files = await luaFiles();
    return files
      .filter((file) => formatLua(readText(file)) !== readText(file))
      .map((file) => `${file} is not formatted; ./moonwire format does it`)
      .join('\n');
  },
  mend: async () => {
    for (const file of await luaFiles()) {
      const formatted = formatLua(readText(file));
      if (formatted !== readText(file)) await writeFile(`${root}/${file}`, formatted);
    }
  },
};

const luacheck: Rule = {
  name: 'luacheck',
  find: async () => await over('luacheck', ['--quiet', '--no-color'], await luaFiles()),
};

const shellcheck: Rule = {
  name: 'shellcheck',
  find: async () => await over('shellcheck', ['-x'], await shellScripts()),
};

const tidy: Rule = {
  name: 'clang-tidy',
  find: async () => {
    const changed = await run('git', ['diff', '--name-only', '--diff-filter=d', 'origin/main']);
    const files = changed.output.split('\n').filter((file) => /^(wasm|proxy)\/.*\.cpp$/.test(file));
    const args = ['-p', `${build}/native`, '--quiet'];
    return await over('clang-tidy', args, files);
  },
};

/** The repository's own rules: each a script in tests/checks that prints what is wrong and says so by its status. */
function ownRules(): Rule[] {
  return globSync('tests/checks/*.ts', { cwd: root })
    .sort()
    .map((file) => {
      const flags = ['--disable-warning=ExperimentalWarning', `${root}/${file}`];
      return {
        name: basename(file, '.ts'),
        find: async () => await tool(node, flags),
        mend: async () => {
          if (readText(file).includes("'--mend'")) await tool(node, [...flags, '--mend']);
        },
      };
    });
}

const allRules = (): Rule[] => [
  ...[clangFormat, prettierRule, eslint, types, stylua, luacheck, shellcheck],
  ...ownRules(),
];

async function judge(rules: readonly Rule[]): Promise<Counts> {
  const failures: string[] = [];
  for (const rule of rules) {
    const found = await step(`check ${rule.name}`, rule.find);
    if (found !== '') failures.push(`${rule.name}:\n${found}`);
  }
  const passed = rules.length - failures.length;
  return { passed, failed: failures.length, skipped: 0, failures };
}

/** Runs the named rules, or all of them. */
export async function runRules(names: readonly string[]): Promise<Counts> {
  const rules = allRules();
  const known = rules.map((rule) => rule.name);
  for (const name of names) {
    if (!known.includes(name)) {
      throw new Failure(`no rule called '${name}'; there are ${known.join(', ')}`);
    }
  }
  return await judge(rules.filter((rule) => names.length === 0 || names.includes(rule.name)));
}

/** `./moonwire check`. Returns the exit status. */
export async function checkAll(names: readonly string[], withTidy: boolean): Promise<number> {
  const counts = await runRules(names);
  const tidied = withTidy ? await judge([tidy]) : { passed: 0, failed: 0, failures: [] };
  for (const failure of [...counts.failures, ...tidied.failures]) say(failure);
  const failed = counts.failed + tidied.failed;
  const passed = counts.passed + tidied.passed;
  process.stdout.write(`${String(passed)} rules kept, ${String(failed)} broken\n`);
  return failed === 0 ? 0 : 1;
}

/** `./moonwire format`. */
export async function formatAll(): Promise<void> {
  for (const rule of allRules()) {
    if (rule.mend !== undefined) await step(`format ${rule.name}`, rule.mend);
  }
}
