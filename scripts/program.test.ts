import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { COMMANDS, program } from './program.ts';

test('the list of commands loads none of them, and names each', async () => {
  const root = await program(['--help']);
  expect(root.commands.map((command) => command.name())).toEqual(COMMANDS.map(({ name }) => name));
  expect(root.commands.flatMap((command) => command.options)).toEqual([]);
});

describe.each(COMMANDS)('squall $name', ({ name, arguments: operands, about }) => {
  test('is in the list as it describes itself', async () => {
    const command = await called(name);
    expect(command.description()).toBe(about);
    expect(command.registeredArguments.map(operand).join(' ')).toBe(operands);
  });

  test('has an example in its help, and in that of each of its parts', async () => {
    const command = await called(name);
    for (const one of [command, ...command.commands]) expect(examplesOf(one), one.name()).not.toEqual([]);
  });

  test('every example parses, and the drills in it are there', async () => {
    const command = await called(name);
    for (const example of [command, ...command.commands].flatMap(examplesOf)) {
      const args = words(example);
      const root = await program(args);
      let ran = 0;
      for (const leaf of leaves(root)) leaf.action(() => void ran++);
      await root.parseAsync(args, { from: 'user' });
      expect(ran, example).toBe(1);
      for (const file of args.filter((word) => /^chaos\/.*\.yaml$/.test(word)))
        expect(existsSync(file), file).toBe(true);
    }
  });
});

test('what is no command is answered with the one that was meant', async () => {
  const root = await program(['dril']);
  const said: string[] = [];
  root.configureOutput({ writeErr: (text) => void said.push(text) });
  await expect(root.parseAsync(['dril'], { from: 'user' })).rejects.toMatchObject({ exitCode: 1 });
  expect(said.join('')).toContain("unknown command 'dril'\n(Did you mean drill?)");
});

async function called(name: string): Promise<Command> {
  const command = (await program([name])).commands.find((one) => one.name() === name);
  if (command === undefined) throw new Error(`no command ${name}`);
  return command;
}

function operand(argument: { name(): string; required: boolean; variadic: boolean }): string {
  const inner = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${inner}>` : `[${inner}]`;
}

function examplesOf(command: Command): string[] {
  const help: string[] = [];
  command.configureOutput({ writeOut: (text) => void help.push(text) });
  command.outputHelp();
  return [...(help.join('').split('\nExamples:\n')[1] ?? '').matchAll(/^ {2}squall (.*)$/gm)].map(
    ([, rest]) => rest ?? '',
  );
}

/** As a shell would, for what the examples use: words, double quotes, and a redirection, which is the shell's own. */
function words(line: string): string[] {
  return [...line.replace(/ > \S+$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}
