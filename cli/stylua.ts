// The Lua formatter with our settings: it comes as a library, not as a command.
import {
  CollapseSimpleStatement,
  Config,
  formatCode,
  IndentType,
  LuaVersion,
  OutputVerification,
  QuoteStyle,
} from '@johnnymorganz/stylua';

export function formatLua(text: string): string {
  const config = Config.new();
  config.syntax = LuaVersion.Lua54;
  config.indent_type = IndentType.Spaces;
  config.indent_width = 2;
  config.column_width = 100;
  config.quote_style = QuoteStyle.AutoPreferDouble;
  config.collapse_simple_statement = CollapseSimpleStatement.ConditionalOnly;
  return formatCode(text, config, undefined, OutputVerification.None);
}
