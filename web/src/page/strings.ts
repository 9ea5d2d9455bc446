// Every word the page shows, in each language it speaks. English sets the shape; the others must have the same keys.

import type { NameProblem } from './projects.ts';
import type { ExampleHeader } from './example-header.ts';

const plural = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;

const en = {
  languageName: 'English',
  appTitle: 'Moonwire',
  tagline: 'A small network of Lua computers in this tab',
  skipToEditor: 'Skip to the editor',

  project: 'Project',
  chooseProject: 'Choose a project',
  chooseProjectHint: 'Every example is yours to change; the original stays one click away.',
  findExample: 'Find an example',
  noExampleFound: 'No example fits that.',
  ownProject: 'My project',
  ownProjectWatch:
    'Your own scripts. Paste server.lua and client.lua into their tabs, then run the project.',
  ownGroup: 'Your own',
  dialectGroup: { luasocket: 'LuaSocket', luat: 'openLuat', chuck: 'chuck' },
  proxyNeed: { no: 'Works in the tab', optional: 'Proxy optional', needed: 'Needs the proxy' },
  changedProject: 'changed',

  runProject: 'Run project',
  runProjectPlan: (paths: string) => `Starts ${paths}, in this order`,
  runProjectNothing: 'There is nothing to run yet: the Lua files are empty',
  then: ', then ',
  restartProject: 'Restart project',
  stopAll: 'Stop all',
  running: (count: number) => plural(count, 'process running', 'processes running'),
  nothingRuns: 'Nothing is running',

  tunnelOff: 'Inside this tab only',
  tunnelConnecting: 'Connecting…',
  tunnelOpen: 'Online through the proxy',
  tunnelOpenOther: 'Online through another server',
  tunnelWaiting: (seconds: number) =>
    seconds > 0 ? `Proxy lost, retry in ${seconds} s` : 'Proxy lost, retrying…',
  tunnelBlocked: 'Refused by the proxy',
  tunnelTitle: 'Network beyond the tab',
  tunnelOffText:
    'Scripts reach each other through the network inside this tab. Addresses beyond it answer “network is unreachable” at once.',
  tunnelNoProxyText:
    'This page comes from a plain file server. To reach real addresses, start it with ./moonwire run, or enter the address of a Wisp server below.',
  tunnelOpenText: (url: string, version: number) => `Connected to ${url}, Wisp version ${version}.`,
  tunnelReachTcp: 'Scripts can connect to real TCP and UDP addresses that the server allows.',
  tunnelReachSockets:
    'Servers bound to "*" in this tab are published on a real port of the proxy where its rules allow it.',
  tunnelReachNoSockets: 'This server cannot publish ports: servers in the tab stay inside it.',
  tunnelWaitingText: (why: string) =>
    `The proxy went away (${why}). New connections fail at once; the page keeps trying and the next Run after it is back works without a reload.`,
  tunnelBlockedText: (why: string) => `The proxy refused this page: ${why}.`,
  tunnelChoice: 'Way out of the tab',
  tunnelAuto: 'The proxy that serves this page',
  tunnelStay: 'None: stay inside this tab',
  tunnelCustom: 'Another server',
  tunnelAddress: 'Address of the server',
  tunnelAddressHint: 'wss://host/path/ of a Wisp server, or websockify://host:port/',
  tunnelAddressWrong: 'This is not a ws://, wss:// or websockify:// address.',
  tunnelApply: 'Use this server',
  tryNow: 'Try now',

  language: 'Language',
  switchLanguage: 'Switch to Chinese',
  theme: 'Theme',
  themeNames: { auto: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' },
  help: 'Help and shortcuts',
  close: 'Close',
  cancel: 'Cancel',
  dismiss: 'Dismiss',

  editorPane: 'Files',
  consolesPane: 'Consoles',
  networkPane: 'Network',
  files: 'Open files',
  newFile: 'New file',
  newFileTitle: 'Add a file',
  fileName: 'Name of the file',
  create: 'Create',
  uploadFiles: 'Upload files…',
  pasteAsFile: 'Paste as a new file',
  pasteNotAllowed: 'The clipboard cannot be read here: paste into the new file with the keyboard.',
  rename: 'Rename…',
  renameTitle: (path: string) => `Rename ${path}`,
  renameDo: 'Rename',
  remove: 'Delete',
  removeTitle: (path: string) => `Delete ${path}?`,
  removeText:
    'The file goes from this project. An example’s own file comes back with “reset project”.',
  download: 'Download',
  moreFileActions: 'More for this file',
  addFileMenu: 'Add a file',
  arguments: 'Arguments',
  argumentsTitle: (path: string) => `Arguments of ${path}`,
  argumentsHint: 'What the script finds in arg[1], arg[2], … Quotes keep words together.',
  argumentsSet: 'Set',
  resetFile: 'Reset to original',
  resetProject: 'Reset project',
  resetProjectTitle: 'Reset the whole project?',
  resetProjectText: 'Every file becomes what it was in the beginning; files you added are deleted.',
  resetFileTitle: (path: string) => `Reset ${path}?`,
  resetFileText: 'Your changes to this file are lost.',
  changed: 'Changed',
  changedSince: 'Changed since the original',
  unchanged: 'Original',
  compileError: 'does not compile',
  binaryFile: (size: string) =>
    `A binary file of ${size}. Scripts can read it; it is not shown here.`,
  nameProblem: {
    empty: 'A file needs a name.',
    long: 'The name is too long.',
    characters: 'A name has letters, digits and . _ - and / between folders.',
    taken: 'A file of this name is already there.',
    'too-many': 'The project is full.',
  } satisfies Record<NameProblem, string>,
  fileTooBig: (path: string, size: string) => `${path} is larger than ${size} and was not added.`,

  runFile: 'Run',
  restartFile: 'Restart',
  runCopy: 'Another copy',
  runCopyTitle: (path: string) => `Run one more copy of ${path} beside the others`,
  editorLabel: (path: string) => `Lua code of ${path}`,
  editorPlaceholder: (run: string) => `Paste or write Lua here. ${run} runs this file.`,
  lineAndColumn: (line: number, column: number) => `Line ${line}, column ${column}`,
  compiles: 'Compiles',
  compileErrorAt: (line: number, message: string) => `Line ${line}: ${message}`,
  tabMoves: 'Tab key: next control',
  tabIndents: 'Tab key: indents',
  tabToggleTitle: 'What the Tab key does in the editor. Ctrl-] and Ctrl-[ always indent.',
  keptInBrowser: 'Kept in this browser',
  keptInTab: 'Kept until this tab closes',
  keptInTabTitle:
    'This browser gives the page no storage here (private window or blocked): download what you want to keep.',

  noConsoles: 'Nothing has run yet',
  noConsolesHint: 'Each process gets a console of its own here, side by side.',
  ownSteps: [
    'Paste your server into server.lua.',
    'Paste your client into client.lua.',
    'Run the project, then type a line into the client’s console.',
  ],
  watchFor: 'Watch for',
  hideHint: 'Hide this hint',
  consoleLabel: (name: string) => `Console of ${name}`,
  outputLabel: (name: string) => `Output of ${name}`,
  inputLabel: (name: string) => `Line to send to ${name}`,
  inputWaiting: 'Waiting for a line…',
  inputIdle: 'Type a line',
  inputEnded: 'The process has ended',
  send: 'Send',
  endInput: 'End of input',
  endInputTitle: 'Tell the script that no more lines come (Ctrl-D)',
  stop: 'Stop',
  stopping: 'Stopping…',
  restart: 'Restart',
  clear: 'Clear output',
  copyOutput: 'Copy output',
  closeConsole: 'Close console',
  moreConsoleActions: 'More for this console',
  statusStarting: 'Starting',
  statusRunning: 'Running',
  statusWaiting: 'Waiting for a line',
  statusStopping: 'Stopping',
  statusEnded: 'Ended',
  statusFailed: 'Failed',
  newOutput: 'New output',
  lost: (size: string) => `${size} of output came too fast to be shown`,
  noteStarted: (time: string) => `Started at ${time}`,
  noteInputEnded: 'End of input sent',
  noteLua51On: (names: string) =>
    `Written for Lua 5.1 (${names}): Lua 5.1 spellings are on for this process`,
  noteLua51Missing: (name: string) =>
    `${name} is a name of Lua 5.1 that 5.4 has no more: the file’s menu can switch Lua 5.1 spellings on`,
  lua51Menu: (state: 'auto' | 'on' | 'off') =>
    `Lua 5.1 spellings: ${{ auto: 'as needed', on: 'on', off: 'off' }[state]}`,
  noteRefused: (message: string) => `Could not start: ${message}`,
  exitFinished: (span: string) => `Finished normally after ${span}`,
  exitStatus: (status: number, span: string) =>
    `Ended by os.exit with status ${status} after ${span}`,
  exitError: (status: number, span: string) => `Ended by an error (status ${status}) after ${span}`,
  exitStopped: (span: string) => `Stopped after ${span}`,

  listeners: 'Listening',
  nothingListens: 'No process is listening.',
  listenerLine: (kind: string, address: string) => `${kind} ${address}`,
  published: 'published as',
  insideOnly: 'inside this tab',
  copyAddress: 'Copy address',
  copied: 'Copied',
  copyFailed: 'Copying is not allowed here. Select the text and press Ctrl-C.',
  showProcess: (name: string) => `Show the console of ${name}`,

  machineStarting: 'Starting the machine…',
  machineCrashed: (message: string) => `The machine cannot go on: ${message}`,
  machineSilent: 'A process does not answer Stop.',
  newMachine: 'Start a new machine',
  projectSwitched: (count: number) =>
    `Stopped ${plural(count, 'process', 'processes')} of the previous project.`,
  allConsolesBusy: (count: number) => `${String(count)} processes run already: stop one first.`,
  saveFailed: 'The files could not be kept in this browser.',

  helpTitle: 'Help and shortcuts',
  helpAbout:
    'Moonwire runs ordinary LuaSocket scripts in this tab: each process has its own memory and console, and they talk over a network inside the tab. With the proxy running, the same scripts reach the real world.',
  helpInput:
    'A chat needs to wait for the network and the keyboard at once: give socket.select an object whose getfd() is 0, and it waits for a typed line too.',
  helpShortcuts: 'Shortcuts',
  shortcut: {
    runFile: 'Run the open file (restart it when it runs)',
    runProject: 'Run the project',
    stop: 'Stop the process of the console or file in use',
    stopAll: 'Stop all processes',
    tab: 'Open the 1st to 9th file',
    panes: 'Next pane: files, consoles',
    panesBack: 'Pane before',
    find: 'Find and replace in the editor',
    indent: 'Indent more, indent less',
    comment: 'Comment or uncomment lines',
    history: 'Lines typed before, in a console’s input',
    endInput: 'End of input, in a console’s input',
    help: 'This help',
  },
  keysOr: 'or',

  separator: 'Width of the editor',
  narrowTabs: 'Parts of the page',
  bytes: (count: number) => {
    if (count < 1000) return plural(count, 'byte', 'bytes');
    if (count < 1e6) return `${(count / 1e3).toFixed(count < 1e4 ? 1 : 0)} KB`;
    return `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} MB`;
  },
  seconds: (ms: number) =>
    ms < 1000 ? `${Math.round(ms)} ms` : ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : clock(ms),
  titleOf: (header: ExampleHeader) => header.title.en,
  watchOf: (header: ExampleHeader) => header.watch.en,
  searchPhrases: {} as Readonly<Record<string, string>>,
};

/** 65 s is "1:05". */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}

/** The table of one language. */
export type Strings = typeof en;

const zh: Strings = {
  languageName: '中文',
  appTitle: 'Moonwire',
  tagline: '浏览器标签页里的一个小型 Lua 网络',
  skipToEditor: '跳到编辑器',

  project: '项目',
  chooseProject: '选择项目',
  chooseProjectHint: '每个示例都可以随意修改，一键即可恢复原样。',
  findExample: '查找示例',
  noExampleFound: '没有符合的示例。',
  ownProject: '我的项目',
  ownProjectWatch: '放您自己的脚本：把 server.lua 和 client.lua 粘贴到各自的标签里，然后运行项目。',
  ownGroup: '自己的',
  dialectGroup: { luasocket: 'LuaSocket', luat: 'openLuat', chuck: 'chuck' },
  proxyNeed: { no: '标签页内即可运行', optional: '可选用代理', needed: '需要代理' },
  changedProject: '已修改',

  runProject: '运行项目',
  runProjectPlan: (paths: string) => `依次启动 ${paths}`,
  runProjectNothing: '还没有可运行的内容：Lua 文件都是空的',
  then: '、',
  restartProject: '重启项目',
  stopAll: '全部停止',
  running: (count: number) => `${count} 个进程正在运行`,
  nothingRuns: '没有进程在运行',

  tunnelOff: '仅限本标签页',
  tunnelConnecting: '正在连接…',
  tunnelOpen: '已通过代理联网',
  tunnelOpenOther: '已通过其他服务器联网',
  tunnelWaiting: (seconds: number) =>
    seconds > 0 ? `代理断开，${seconds} 秒后重试` : '代理断开，正在重试…',
  tunnelBlocked: '被代理拒绝',
  tunnelTitle: '标签页之外的网络',
  tunnelOffText:
    '脚本之间通过本标签页内的网络通信。访问外部地址会立即得到 “network is unreachable”。',
  tunnelNoProxyText:
    '本页来自普通的静态文件服务器。要访问真实地址，请用 ./moonwire run 启动，或在下面填写一个 Wisp 服务器的地址。',
  tunnelOpenText: (url: string, version: number) => `已连接 ${url}，Wisp 第 ${version} 版。`,
  tunnelReachTcp: '脚本可以连接服务器所允许的真实 TCP 和 UDP 地址。',
  tunnelReachSockets: '标签页中绑定到 "*" 的服务器，在代理规则允许时会发布到代理的真实端口上。',
  tunnelReachNoSockets: '该服务器不能发布端口：标签页中的服务器只在页内可达。',
  tunnelWaitingText: (why: string) =>
    `代理已断开（${why}）。新的连接会立即失败；页面会不断重试，代理恢复后再次运行即可，无需刷新。`,
  tunnelBlockedText: (why: string) => `代理拒绝了本页：${why}。`,
  tunnelChoice: '通往外部的途径',
  tunnelAuto: '提供本页的代理',
  tunnelStay: '不用：只在本标签页内',
  tunnelCustom: '其他服务器',
  tunnelAddress: '服务器地址',
  tunnelAddressHint: 'Wisp 服务器的 wss://主机/路径/，或 websockify://主机:端口/',
  tunnelAddressWrong: '这不是 ws://、wss:// 或 websockify:// 地址。',
  tunnelApply: '使用该服务器',
  tryNow: '立即重试',

  language: '语言',
  switchLanguage: '切换到英文',
  theme: '主题',
  themeNames: { auto: '主题：跟随系统', light: '主题：浅色', dark: '主题：深色' },
  help: '帮助与快捷键',
  close: '关闭',
  cancel: '取消',
  dismiss: '知道了',

  editorPane: '文件',
  consolesPane: '控制台',
  networkPane: '网络',
  files: '打开的文件',
  newFile: '新建文件',
  newFileTitle: '添加文件',
  fileName: '文件名',
  create: '创建',
  uploadFiles: '上传文件…',
  pasteAsFile: '粘贴为新文件',
  pasteNotAllowed: '这里无法读取剪贴板：请用键盘粘贴到新文件中。',
  rename: '重命名…',
  renameTitle: (path: string) => `重命名 ${path}`,
  renameDo: '重命名',
  remove: '删除',
  removeTitle: (path: string) => `删除 ${path}？`,
  removeText: '文件将从项目中移除。示例自带的文件可用“重置项目”找回。',
  download: '下载',
  moreFileActions: '此文件的更多操作',
  addFileMenu: '添加文件',
  arguments: '命令行参数',
  argumentsTitle: (path: string) => `${path} 的命令行参数`,
  argumentsHint: '脚本在 arg[1]、arg[2] … 中得到它们。引号可把含空格的词括在一起。',
  argumentsSet: '确定',
  resetFile: '恢复原样',
  resetProject: '重置项目',
  resetProjectTitle: '重置整个项目？',
  resetProjectText: '所有文件恢复到最初的内容，您添加的文件会被删除。',
  resetFileTitle: (path: string) => `恢复 ${path}？`,
  resetFileText: '您对此文件的修改会丢失。',
  changed: '已修改',
  changedSince: '与原始内容不同',
  unchanged: '原始内容',
  compileError: '无法编译',
  binaryFile: (size: string) => `二进制文件，${size}。脚本可以读取它，这里不显示内容。`,
  nameProblem: {
    empty: '请填写文件名。',
    long: '文件名太长。',
    characters: '文件名可用字母、数字和 . _ -，文件夹之间用 /。',
    taken: '已有同名文件。',
    'too-many': '项目中的文件已满。',
  },
  fileTooBig: (path: string, size: string) => `${path} 超过 ${size}，未添加。`,

  runFile: '运行',
  restartFile: '重启',
  runCopy: '再开一份',
  runCopyTitle: (path: string) => `在旁边再运行一份 ${path}`,
  editorLabel: (path: string) => `${path} 的 Lua 代码`,
  editorPlaceholder: (run: string) => `在此粘贴或编写 Lua 代码，${run} 运行此文件。`,
  lineAndColumn: (line: number, column: number) => `第 ${line} 行，第 ${column} 列`,
  compiles: '编译通过',
  compileErrorAt: (line: number, message: string) => `第 ${line} 行：${message}`,
  tabMoves: 'Tab 键：移到下一控件',
  tabIndents: 'Tab 键：缩进',
  tabToggleTitle: 'Tab 键在编辑器中的作用。Ctrl-] 与 Ctrl-[ 总是缩进。',
  keptInBrowser: '已保存在此浏览器',
  keptInTab: '仅保留到标签页关闭',
  keptInTabTitle: '此浏览器在这里不提供存储（隐私窗口或被禁止）：请下载想保留的文件。',

  noConsoles: '还没有运行过',
  noConsolesHint: '每个进程在这里都有自己的控制台，并排显示。',
  ownSteps: [
    '把服务器代码粘贴到 server.lua。',
    '把客户端代码粘贴到 client.lua。',
    '运行项目，然后在客户端的控制台里输入一行。',
  ],
  watchFor: '看点',
  hideHint: '隐藏提示',
  consoleLabel: (name: string) => `${name} 的控制台`,
  outputLabel: (name: string) => `${name} 的输出`,
  inputLabel: (name: string) => `发给 ${name} 的一行`,
  inputWaiting: '正在等待输入…',
  inputIdle: '输入一行',
  inputEnded: '进程已结束',
  send: '发送',
  endInput: '结束输入',
  endInputTitle: '告诉脚本不再有输入（Ctrl-D）',
  stop: '停止',
  stopping: '正在停止…',
  restart: '重启',
  clear: '清空输出',
  copyOutput: '复制输出',
  closeConsole: '关闭控制台',
  moreConsoleActions: '此控制台的更多操作',
  statusStarting: '启动中',
  statusRunning: '运行中',
  statusWaiting: '等待输入',
  statusStopping: '停止中',
  statusEnded: '已结束',
  statusFailed: '失败',
  newOutput: '有新输出',
  lost: (size: string) => `输出太快，有 ${size} 未显示`,
  noteStarted: (time: string) => `${time} 启动`,
  noteInputEnded: '已结束输入',
  noteLua51On: (names: string) => `脚本为 Lua 5.1 所写（${names}）：已为此进程启用 Lua 5.1 写法`,
  noteLua51Missing: (name: string) =>
    `${name} 是 Lua 5.1 的名称，5.4 已不再提供：可在文件菜单中启用 Lua 5.1 写法`,
  lua51Menu: (state: 'auto' | 'on' | 'off') =>
    `Lua 5.1 写法：${{ auto: '按需', on: '启用', off: '停用' }[state]}`,
  noteRefused: (message: string) => `无法启动：${message}`,
  exitFinished: (span: string) => `正常结束，用时 ${span}`,
  exitStatus: (status: number, span: string) => `由 os.exit 结束，状态 ${status}，用时 ${span}`,
  exitError: (status: number, span: string) => `因错误结束（状态 ${status}），用时 ${span}`,
  exitStopped: (span: string) => `已停止，运行了 ${span}`,

  listeners: '正在监听',
  nothingListens: '没有进程在监听。',
  listenerLine: (kind: string, address: string) => `${kind} ${address}`,
  published: '发布为',
  insideOnly: '仅标签页内',
  copyAddress: '复制地址',
  copied: '已复制',
  copyFailed: '这里不允许复制。请选中文字后按 Ctrl-C。',
  showProcess: (name: string) => `显示 ${name} 的控制台`,

  machineStarting: '正在启动虚拟机…',
  machineCrashed: (message: string) => `虚拟机无法继续：${message}`,
  machineSilent: '有进程对停止没有反应。',
  newMachine: '启动新的虚拟机',
  projectSwitched: (count: number) => `已停止之前项目的 ${count} 个进程。`,
  allConsolesBusy: (count: number) => `已有 ${String(count)} 个进程在运行：请先停止一个。`,
  saveFailed: '文件无法保存到此浏览器。',

  helpTitle: '帮助与快捷键',
  helpAbout:
    'Moonwire 在本标签页内运行普通的 LuaSocket 脚本：每个进程有自己的内存和控制台，彼此通过页内网络通信。代理运行时，同样的脚本可以访问真实世界。',
  helpInput:
    '聊天程序要同时等待网络和键盘：把一个 getfd() 返回 0 的对象交给 socket.select，它就同时等待输入的一行。',
  helpShortcuts: '快捷键',
  shortcut: {
    runFile: '运行打开的文件（正在运行时重启）',
    runProject: '运行项目',
    stop: '停止当前控制台或文件的进程',
    stopAll: '停止所有进程',
    tab: '打开第 1 到第 9 个文件',
    panes: '下一区域：文件、控制台',
    panesBack: '上一区域',
    find: '在编辑器中查找与替换',
    indent: '增加缩进、减少缩进',
    comment: '注释或取消注释',
    history: '控制台输入框中：之前输入的行',
    endInput: '控制台输入框中：结束输入',
    help: '本帮助',
  },
  keysOr: '或',

  separator: '编辑器宽度',
  narrowTabs: '页面的各部分',
  bytes: (count: number) => {
    if (count < 1000) return `${count} 字节`;
    if (count < 1e6) return `${(count / 1e3).toFixed(count < 1e4 ? 1 : 0)} KB`;
    return `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} MB`;
  },
  seconds: (ms: number) =>
    ms < 1000 ? `${Math.round(ms)} 毫秒` : ms < 60_000 ? `${(ms / 1000).toFixed(1)} 秒` : clock(ms),
  titleOf: (header: ExampleHeader) => header.title.zh,
  watchOf: (header: ExampleHeader) => header.watch.zh,
  searchPhrases: {
    Find: '查找',
    Replace: '替换为',
    next: '下一个',
    previous: '上一个',
    all: '全选',
    'match case': '区分大小写',
    'by word': '整词',
    regexp: '正则',
    replace: '替换',
    'replace all': '全部替换',
    close: '关闭',
    'current match': '当前匹配',
    'replaced $ matches': '已替换 $ 处',
    'replaced match on line $': '已替换第 $ 行的匹配',
    'on line': '在行',
    'Go to line': '跳到行',
    go: '跳转',
    Diagnostics: '诊断',
    'No diagnostics': '没有诊断',
  },
};

/** The languages, by the tag that goes on <html lang>. */
export const tables = { en, zh } as const;

export type Locale = keyof typeof tables;

/** The first language we speak among those the browser asks for. */
export function chooseLocale(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    if (/^zh\b/i.test(tag)) return 'zh';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'en';
}

export const isLocale = (value: unknown): value is Locale => value === 'en' || value === 'zh';
