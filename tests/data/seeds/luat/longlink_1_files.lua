module(...,package.seeall)

require"socket"
--下面代码一会儿写
