--- A queue of nodes (tables) that can be taken out of the middle, too.
local LinkQue = {}
LinkQue.__index = LinkQue

--- Adds at the end. A node is in one queue at most.
function LinkQue:Push(node)
  node.__before, node.__after = self.last, nil
  if self.last then
    self.last.__after = node
  else
    self.first = node
  end
  self.last = node
  self.length = self.length + 1
  self.members[node] = true
end

function LinkQue:Front()
  return self.first
end

function LinkQue:Remove(node)
  if not self.members[node] then return end
  self.members[node] = nil
  if node.__before then
    node.__before.__after = node.__after
  else
    self.first = node.__after
  end
  if node.__after then
    node.__after.__before = node.__before
  else
    self.last = node.__before
  end
  node.__before, node.__after = nil, nil
  self.length = self.length - 1
end

--- Takes the oldest; nil when there is none.
function LinkQue:Pop()
  local node = self.first
  if node then self:Remove(node) end
  return node
end

function LinkQue:IsEmpty()
  return self.first == nil
end

function LinkQue:Len()
  return self.length
end

return {
  New = function()
    return setmetatable({ length = 0, members = {} }, LinkQue)
  end,
}
