// What Vite's aliases in vite.config.ts stand for.
declare module '#worker?worker' {
  const workerConstructor: new () => Worker;
  export default workerConstructor;
}
declare module '#machine/*' {
  const url: string;
  export default url;
}
