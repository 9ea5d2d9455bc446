// The package brings no types; what the tests use of it is declared where it is used.
declare module '@mercuryworkshop/wisp-js/client' {
  export const client: unknown;
}
declare module '@mercuryworkshop/wisp-js/server' {
  export const server: unknown;
  export const extensions: unknown;
}
