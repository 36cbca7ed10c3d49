package sp

import (
	"crypto/hmac"
	"crypto/sha256"

	"inkan/core/jpki/application"
	"inkan/core/tsmp"
)

const secretLen = 32

// Labels keep apart what follows from the secret.
const (
	labelNonce = "INKAN-SP-NONCE-1"
	labelCode  = "INKAN-SP-CODE-1"
	labelCall  = "INKAN-SP-CALL-1"
)

// keyed is HMAC-SHA-256 of parts, each with its length, under the secret.
func (m *Manager) keyed(label string, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, m.config.Secret)
	h.Write([]byte(label))
	for _, p := range parts {
		h.Write([]byte{byte(len(p))})
		h.Write(p)
	}
	return h.Sum(nil)
}

// nonceOf is the nonce of an application: a call that comes again gets the same.
// Spec: SPEC-SP-TSM-001.
func (m *Manager) nonceOf(call *tsmp.Call) (n tsmp.Nonce) {
	copy(n[:], m.keyed(labelNonce, []byte(call.Sender), call.ID[:]))
	return n
}

// codeOf is the one-time code of a nonce and the SIM that it is sent to. It is made
// when it is needed and kept nowhere. Spec: SPEC-SP-TSM-002.
func (m *Manager) codeOf(n tsmp.Nonce, se tsmp.SEID) application.Code {
	s := &stream{block: m.keyed(labelCode, n[:], se[:])}
	return application.NewCode(s)
}

// stream gives the bytes of one hash; a code takes fewer than it has.
type stream struct{ block []byte }

// Fill implements entropy.Source.
func (s *stream) Fill(dst []byte) {
	if len(dst) > len(s.block) {
		panic("sp: a code of more bytes than a hash")
	}
	copy(dst, s.block)
	s.block = s.block[len(dst):]
}

// within is the call that is made at once while another one is executed: executed
// again after a crash, it makes the same one, to the byte.
func within(call *tsmp.Call, f tsmp.Function, to tsmp.PartyID) *tsmp.Call {
	sum := sha256.Sum256(append(append([]byte(labelCall), call.ID[:]...), string(f)+"\x00"+string(to)+"\x00"+string(call.Sender)...))
	c := &tsmp.Call{Function: f, Sent: call.Sent, Validity: tsmp.MaxValidity}
	copy(c.ID[:], sum[:])
	return c
}

// authority is the certificate authority, asked at once.
func (m *Manager) authority() (tsmp.RemoteCA, bool) {
	caller, ok := m.config.Peer(m.config.Authority)
	return tsmp.RemoteCA{Caller: caller}, ok
}

// carrier is a carrier, asked at once.
func (m *Manager) carrier(party tsmp.PartyID) (tsmp.RemoteMNO, bool) {
	caller, ok := m.config.Peer(party)
	return tsmp.RemoteMNO{Caller: caller}, ok
}
