/** The API's types, all taken from its own description; nothing here is typed by hand. */

import type { components, paths } from './schema'

/** A schema of the API by name: `Out<'LotOut'>`. */
export type Out<Name extends keyof components['schemas']> = components['schemas'][Name]

type With<Method extends string> = {
  [Path in keyof paths]: paths[Path] extends Record<Method, { responses: unknown }> ? Path : never
}[keyof paths]

export type GetPath = With<'get'>
export type PostPath = With<'post'>

type Operation<Path extends keyof paths, Method extends 'get' | 'post'> = Required<paths[Path]>[Method]

type Body<Content> = Content extends { content: infer Types }
  ? Types extends Record<'application/json', infer Value>
    ? Value
    : string
  : never

type Answered<Op> = Op extends { responses: infer Responses }
  ? Body<Responses[Extract<keyof Responses, 200 | 201>]>
  : never

/** What a query answers. */
export type Answer<Path extends GetPath> = Answered<Operation<Path, 'get'>>

/** What a command answers once it is done. */
export type Made<Path extends PostPath> = Answered<Operation<Path, 'post'>>

/** What a command is sent. */
export type Sent<Path extends PostPath> =
  Operation<Path, 'post'> extends { requestBody: infer Request } ? Body<Request> : never

type Parameters<Path extends GetPath> = Operation<Path, 'get'> extends { parameters: infer All } ? All : never

type Part<Path extends GetPath, Kind extends 'path' | 'query'> =
  Parameters<Path> extends Record<Kind, infer Values>
    ? Record<Kind, Values>
    : Parameters<Path> extends Partial<Record<Kind, infer Values>>
      ? { [Key in Kind]?: Exclude<Values, undefined> }
      : { [Key in Kind]?: never }

/** The parameters of a query: those in its path and those behind the question mark. */
export type Asked<Path extends GetPath> = Part<Path, 'path'> & Part<Path, 'query'>

/** Queries that answer a page of a list. */
export type ListPath = {
  [Path in GetPath]: Answer<Path> extends { items: unknown[]; next?: string | null } ? Path : never
}[GetPath]

export type Item<Path extends ListPath> = Answer<Path> extends { items: (infer Row)[] } ? Row : never
