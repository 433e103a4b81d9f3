import { expect, test } from "vitest";
import { readyOf } from "../src/shell/ready.svelte";

test("an answer says which part is down", () => {
  expect(readyOf('{"ready":false,"bus":false,"store":true,"messages":{"mail":"ok"}}')).toEqual({ bus: false, store: true });
});

test("what is no answer of the hub says nothing", () => {
  for (const text of ["", "<html>", "{}", '{"bus":1,"store":true}']) expect(readyOf(text)).toBeNull();
});
