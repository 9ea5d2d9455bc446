--- chuck.ssl: the machine has no TLS yet, and says so in the place where each function reports
-- errors.
local why = "TLS is not available in this machine yet"

local function refuse()
  return nil, why
end

local function refuse_connection()
  return why
end

return {
  refuse = refuse,
  SSL_CTX_new = refuse,
  SSL_CTX_use_certificate_file = refuse_connection,
  SSL_CTX_use_PrivateKey_file = refuse_connection,
  SSL_CTX_check_private_key = refuse_connection,
  SSL_accept = refuse_connection,
  SSL_connect = refuse_connection,
}
