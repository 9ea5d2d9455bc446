// The commands of ./moonwire. The bash file in front of this one has installed what they need.
import { Command, InvalidArgumentError } from 'commander';

import { allParts, buildParts, isPart } from './build.ts';
import { allBenches, runBenches } from './bench.ts';
import { checkAll, formatAll } from './check.ts';
import { Failure } from './failure.ts';
import { runLua } from './lua.ts';
import { endAll } from './process.ts';
import { runProxy } from './proxy.ts';
import { runPage } from './run.ts';
import { allLayers, runTests } from './test.ts';

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new InvalidArgumentError('a port is a number from 1 to 65535.');
  }
  return port;
}

const program = new Command('./moonwire')
  .description('Lua computers with real sockets in a browser tab.')
  .enablePositionalOptions()
  .showHelpAfterError();

program
  .command('run')
  .description('set up, build what changed, start the proxy, open the page')
  .option('--port <n>', 'listen there (default: 8080, or the next free one)', portNumber)
  .option('--no-open', 'leave the browser alone')
  .action(async (options: { port?: number; open: boolean }) => {
    await runPage(options);
  });

program
  .command('test')
  .description('set up, build, run every test; the last line counts them')
  .argument('[layer...]', `only these: ${allLayers.join(', ')}`)
  .action(async (layers: string[]) => {
    process.exitCode = await runTests(layers);
  });

// The scripts' own arguments are not ours to read, so help for these two comes from what they run.
program
  .command('lua')
  .description('run a script in the machine, as `lua FILE ARGS` would')
  .helpOption(false)
  .allowUnknownOption()
  .passThroughOptions()
  .argument('[arguments...]')
  .action(runLua);

program
  .command('proxy')
  .description('run the proxy alone')
  .helpOption(false)
  .allowUnknownOption()
  .passThroughOptions()
  .argument('[arguments...]')
  .action(runProxy);

program
  .command('bench')
  .description('measure, side by side with the peers')
  .argument('[name...]', `only these: ${allBenches.join(', ')}`)
  .option('--json <file>', 'write the figures there, too')
  .action(async (names: string[], options: { json?: string }) => {
    await runBenches(names, options.json);
  });

program
  .command('check')
  .description("run formatters, linters and the repository's own rules")
  .argument('[rule...]', 'only these')
  .option('--tidy', 'clang-tidy on changed files, too (slow)')
  .action(async (rules: string[], options: { tidy?: true }) => {
    process.exitCode = await checkAll(rules, options.tidy === true);
  });

program.command('format').description('mend what can be mended').action(formatAll);

program
  .command('build')
  .description('build what changed')
  .argument('[part...]', `only these: ${allParts.join(', ')} (default: wasm, node, web, proxy)`)
  .action(async (parts: string[]) => {
    for (const part of parts) {
      if (!isPart(part))
        throw new Failure(`no part called '${part}'; there are ${allParts.join(', ')}`);
    }
    await buildParts(parts.length === 0 ? ['wasm', 'node', 'web', 'proxy'] : parts.filter(isPart));
  });

program
  .command('setup')
  .description('install what is missing, build nothing')
  .action(() => {
    process.stdout.write('All is in place.\n');
  });

process.on('exit', endAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    if (process.listenerCount(signal) === 0) process.exit(130);
  });
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`moonwire: ${error.message}\n`);
  process.exitCode = 1;
}
