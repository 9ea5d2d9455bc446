-- mime.core's streaming coders and line tools (reference 7).
local mime = require "mime"
local t = require "show"

t.title "b64"
t.show("nil", mime.b64(nil))
t.show("both empty", mime.b64("", ""))
t.show("empty", mime.b64(""))
t.show("streaming", mime.b64("abcd", ""))
t.show("final", mime.b64("abcd"))
t.show("rest", mime.b64("a", "bcd"))
t.show("number", mime.b64(12))
t.show("un", mime.unb64("YWI"))
t.show("un pad", mime.unb64("YQ==YWI="))
t.show("un equals", mime.unb64("===="))
t.show("un noise", mime.unb64("Y W\nJj", ""))
t.try("bad", mime.b64, {})
t.title "qp"
for _, text in ipairs { "abc", "a b", "a ", "\r", "a\r\nb", "=", "\t\r\n", "é", "a\n" } do
  t.show(("final %q"):format(text), mime.qp(text))
  t.show(("streaming %q"):format(text), mime.qp(text, ""))
  t.show(("binary %q"):format(text), mime.qp(text, nil, "=0D=0A"))
  t.show(("un %q"):format(text), mime.unqp(text))
end
for _, text in ipairs { "=00", "=41", "=4x", "=\r\nb", "a=", "\rX", "=4", "=41=" } do
  t.show(("un %q"):format(text), mime.unqp(text))
  t.show(("un streaming %q"):format(text), mime.unqp("", text))
end
t.title "lines"
t.show("wrp", mime.wrp(3, "abcdef", 3))
t.show("wrp", mime.wrp(76, ""))
t.show("wrp", mime.wrp(5, nil, 76))
t.show("wrp", mime.wrp(76, nil, 76))
t.show("wrp", mime.wrp(10, "a\nb\r\nc", 10))
t.show("qpwrp", mime.qpwrp(5, "ab=3Dcd", 5))
t.show("qpwrp", mime.qpwrp(3, nil, 76))
t.show("eol", mime.eol(0, "\r"))
t.show("eol", mime.eol(13, "\nb"))
t.show("eol", mime.eol(0, "\r\r\n"))
t.show("eol", mime.eol(0, "a\nb\n\rc", "|"))
t.show("eol", mime.eol(0, nil, "|"))
t.show("dot", mime.dot(2, ".\r\n."))
t.show("dot", mime.dot(2, nil))
t.show("dot", mime.dot(0, "\n."))
t.try("no context", mime.wrp)
t.try("no context", mime.dot)
t.try("float context", mime.eol, 1.5, "x")
