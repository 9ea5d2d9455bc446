// The package brings no types; what the test uses of it is declared where it is used.
declare module '@mercuryworkshop/wisp-js/client' {
  export const client: unknown;
}
