--- readline(prompt): shows the prompt and waits for a line; nil at the end of input.
return function(prompt)
  io.write(prompt or "")
  return io.read("l")
end
