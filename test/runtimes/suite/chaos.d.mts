/** The two parts of the package that a game is played with. */
export interface Api {
  readonly messageStreams: unknown
  readonly Connection: unknown
}

export declare function play(api: Api, seed: number): Promise<void>
export declare function playAll(api: Api, first: number, count: number): Promise<void>
