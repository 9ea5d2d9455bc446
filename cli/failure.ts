// A failure the developer can act on: printed without a stack trace.

export class Failure extends Error {}
