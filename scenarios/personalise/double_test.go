package personalise

import (
	"context"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"math/big"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp03"
	"inkan/core/tlv"
)

// double stands for a card with the application on it, as far as one issue goes:
// a domain with SCP03, and the answers of spec/PERSO.md and spec/JPKI-AP.md. It
// does what a good host asks, and lies where it is told to.
type double struct {
	channel *scp03.Card
	stream  *tlv.DGIStream
	next    int    // number of the block that has to come
	last    []byte // answer

	lie       string // what to spoil: "attestation", "load file", "proof", "receipt", "certificate", "signature", "retry"
	attest    *ecdsa.PrivateKey
	ephemeral *ecdh.PrivateKey
	order     perso.Order
	cipher    *perso.Cipher
	keys      map[jpki.Role]*rsa.PrivateKey
	parts     map[perso.ItemTag][]byte
	files     map[jpki.EF][]byte
	current   jpki.EF
	phase     jpki.Phase
	pins      map[jpki.EF]string
	verified  map[jpki.EF]bool
}

type memoryCounter uint32

func (c *memoryCounter) Load() uint32         { return uint32(*c) }
func (c *memoryCounter) Store(v uint32) error { *c = memoryCounter(v); return nil }

func newDouble(lie string) (*double, error) {
	set := &scp.KeySet{Version: 0x30, Enc: keys.TestKey(), MAC: keys.TestKey(), DEK: keys.TestKey()}
	channel, err := scp03.NewCard(scp03.CardConfig{Options: scp03.PseudoRandom | scp03.ResponseMAC | scp03.ResponseEncryption,
		Keys: func(byte) (*scp.KeySet, scp.Counter) { return set, new(memoryCounter) }, AID: gp.AIDIssuerSecurityDomain.Append(nil)})
	if err != nil {
		return nil, err
	}
	d := &double{channel: channel, lie: lie, stream: tlv.NewDGIStream(make([]byte, 4200), tlv.Strict), keys: map[jpki.Role]*rsa.PrivateKey{},
		parts: map[perso.ItemTag][]byte{}, files: map[jpki.EF][]byte{}, pins: map[jpki.EF]string{}, verified: map[jpki.EF]bool{}}
	scalar := sha256.Sum256([]byte("double"))
	if d.ephemeral, err = ecdh.P256().NewPrivateKey(scalar[:]); err != nil {
		return nil, err
	}
	d.attest, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	return d, err
}

func (d *double) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	if d.channel.IsOpen() && cmd[0]&0x84 == 0x84 {
		plain, err := d.channel.Unwrap(nil, cmd)
		if err != nil {
			return apdu.Response{SW: scp.ErrSecurity}.Append(dst), nil
		}
		return d.channel.Wrap(dst, d.command(plain))
	}
	if cmd[1] == gp.InsInitializeUpdate || cmd[1] == gp.InsExternalAuthenticate {
		return d.channel.Handshake(dst, cmd), nil
	}
	return append(dst, d.command(cmd)...), nil
}

func (d *double) command(raw []byte) []byte {
	c, err := apdu.DecodeCommand(raw)
	if err != nil {
		return apdu.Response{SW: iso7816.WrongLength}.Append(nil)
	}
	data, sw := d.execute(&c)
	return apdu.Response{Data: data, SW: sw}.Append(nil)
}

func (d *double) execute(c *apdu.Command) ([]byte, iso7816.SW) {
	switch {
	case c.INS == gp.InsInstall:
		return nil, iso7816.OK
	case c.INS == gp.InsStoreData:
		return d.storeData(c)
	case c.INS == gp.InsSelect && c.P1 == 4:
		d.channel.Close()
		return nil, iso7816.OK
	}
	return d.edge(c)
}

func (d *double) storeData(c *apdu.Command) ([]byte, iso7816.SW) {
	if int(c.P2) != d.next {
		return nil, iso7816.IncorrectP1P2
	}
	d.next = int(c.P2) + 1
	var answer []byte
	d.stream.Feed(c.Data)
	for d.stream.Next() {
		a, sw := d.group(jpki.DGI(d.stream.DGI()), d.stream.Value())
		if sw != iso7816.OK {
			return nil, sw
		}
		answer = a
	}
	if d.stream.Err() != nil {
		return nil, iso7816.WrongData
	}
	return answer, iso7816.OK
}

// part is an answer as it travels.
func part(answer []byte, offset int) []byte {
	head := []byte{byte(len(answer) >> 8), byte(len(answer))}
	return append(head, answer[offset:min(len(answer), offset+200)]...)
}

func (d *double) group(dgi jpki.DGI, value []byte) ([]byte, iso7816.SW) {
	switch dgi {
	case jpki.DGIOrder:
		d.last = d.takeOrder(value)
	case jpki.DGIGenerate:
		d.last = d.generate(jpki.Role(value[0]))
	case jpki.DGICACertificate:
		d.files[jpki.Role(value[0]).CACertificate()] = append([]byte{}, value[1:]...)
		return nil, iso7816.OK
	case jpki.DGIEnvelope:
		return nil, d.envelope(value)
	case jpki.DGIActivate:
		d.last = d.activate()
	case jpki.DGIAnswer:
		return part(d.last, int(value[0])<<8|int(value[1])), iso7816.OK
	default:
		return nil, iso7816.ReferencedDataNotFound
	}
	return part(d.last, 0), iso7816.OK
}

func (d *double) takeOrder(value []byte) []byte {
	d.order, _ = perso.DecodeOrder(value)
	s := perso.OrderStatement{Header: perso.Header{Type: perso.StatementOrder, OrderHash: d.order.Hash(), Counter: d.order.Counter},
		Point: perso.Point(d.ephemeral.PublicKey().Bytes())}
	s.Attestation = d.sign(s.Append(nil))
	public, _ := ecdh.P256().NewPublicKey(d.order.CAPoint[:])
	z, _ := d.ephemeral.ECDH(public)
	wrap := perso.DeriveKeys(z, jpki.AIDInstance, d.order.Hash(), &s.Point)
	d.cipher = perso.NewCipher(&wrap)
	d.phase = jpki.Ordered
	return s.Append(nil)
}

// sign attests a statement that ends with an empty attestation.
func (d *double) sign(unsigned []byte) []byte {
	loaded := d.order.LoadFile
	if d.lie == "load file" {
		loaded[0]++
	}
	message := append(jpki.AIDInstance.AppendLV(nil), loaded[:]...)
	message = append(append(message, "INKAN-PERSO-1"...), unsigned[:len(unsigned)-1]...)
	if d.lie == "attestation" {
		message[0]++
	}
	digest := sha256.Sum256(message)
	der, err := d.attest.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		panic(err)
	}
	return rawSignature(der)
}

// rawSignature turns the DER of an ECDSA signature into r ‖ s.
func rawSignature(der []byte) []byte {
	r := tlv.NewReader(der)
	r.Next()
	c := r.Children()
	raw := make([]byte, 64)
	for i := range 2 {
		c.Next()
		new(big.Int).SetBytes(c.Value()).FillBytes(raw[32*i : 32*i+32])
	}
	return raw
}

func (d *double) generate(role jpki.Role) []byte {
	key, err := TestKey(entropy.Seeded(uint64(role), "double"))
	if err != nil {
		panic(err)
	}
	d.keys[role] = key
	s := perso.KeyStatement{Header: perso.Header{Type: perso.StatementKey, OrderHash: d.order.Hash(), Counter: d.order.Counter}, Role: role}
	key.N.FillBytes(s.Modulus[:])
	head := s.Header.Append([]byte("INKAN-PERSO-1"))
	message := append(jpki.AIDInstance.AppendLV(append(head, byte(role))), s.Modulus[:]...)
	if d.lie == "proof" {
		message[20]++
	}
	copy(s.Proof[:], signPKCS1(key, message))
	withoutProof := append(append(s.Header.Append(nil), byte(role)), s.Modulus[:]...)
	s.Attestation = d.sign(append(withoutProof, 0))
	return s.Append(nil)
}

func signPKCS1(key *rsa.PrivateKey, message []byte) []byte {
	digest := sha256.Sum256(message)
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	return signature
}

func (d *double) envelope(value []byte) iso7816.SW {
	_, _, items, err := d.cipher.Open(value)
	if err != nil {
		return 0x6988
	}
	for _, i := range items {
		d.parts[i.Tag] = append([]byte{}, i.Value...)
	}
	for _, role := range []jpki.Role{jpki.Auth, jpki.Sign} {
		if c := d.parts[perso.ItemCertificate.For(role)]; c != nil {
			d.files[role.Certificate()] = c
		}
		p, q := d.parts[perso.ItemP.For(role)], d.parts[perso.ItemQ.For(role)]
		if p != nil && d.keys[role] == nil {
			d.keys[role] = keyOf(new(big.Int).SetBytes(p), new(big.Int).SetBytes(q))
		}
	}
	return iso7816.OK
}

// keyOf is the key of two primes.
func keyOf(p, q *big.Int) *rsa.PrivateKey {
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: perso.Exponent},
		D: new(big.Int).ModInverse(big.NewInt(perso.Exponent), phi), Primes: []*big.Int{p, q}}
	key.Precompute()
	return key
}

func (d *double) activate() []byte {
	r := perso.Receipt{Header: perso.Header{Type: perso.StatementReceipt, OrderHash: d.order.Hash(), Counter: d.order.Counter}, Roles: d.order.Roles}
	hash := func(role jpki.Role) (h perso.Hash) {
		if c := d.files[role.Certificate()]; c != nil {
			h = sha256.Sum256(c)
		}
		return h
	}
	r.AuthCertificate, r.SignCertificate = hash(jpki.Auth), hash(jpki.Sign)
	if d.lie == "receipt" {
		r.AuthCertificate[0]++
	}
	d.cipher.SealReceipt(&r)
	d.phase = jpki.Active
	return r.Append(nil)
}
