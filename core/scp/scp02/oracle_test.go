package scp02

import (
	"crypto/cipher"
	"crypto/des"
	"slices"
)

// The functions here are spec/SCP02.md written down once more, without a
// thought for speed, state or memory, on nothing but crypto/des: what the
// session code is compared with.

func oracleTDES(key []byte) cipher.Block {
	b, err := des.NewTripleDESCipher(slices.Concat(key, key[:8]))
	if err != nil {
		panic(err)
	}
	return b
}

func oracleCBC(key, msg []byte) []byte {
	out := slices.Clone(msg)
	cipher.NewCBCEncrypter(oracleTDES(key), make([]byte, 8)).CryptBlocks(out, out)
	return out
}

func oraclePad(msg []byte) []byte {
	out := append(slices.Clone(msg), 0x80)
	for len(out)%8 != 0 {
		out = append(out, 0)
	}
	return out
}

func oracleRetail(key, icv, msg []byte) []byte {
	k1, _ := des.NewCipher(key[:8])
	k2, _ := des.NewCipher(key[8:])
	out := oraclePad(msg)
	cipher.NewCBCEncrypter(k1, icv).CryptBlocks(out, out)
	out = out[len(out)-8:]
	k2.Decrypt(out, out)
	k1.Encrypt(out, out)
	return out
}

func oracleKey(base []byte, constant uint16, seq []byte) []byte {
	return oracleCBC(base, slices.Concat([]byte{byte(constant >> 8), byte(constant)}, seq, make([]byte, 12)))
}

func oracleCryptogram(sEnc []byte, parts ...[]byte) []byte {
	out := oracleCBC(sEnc, oraclePad(slices.Concat(parts...)))
	return out[len(out)-8:]
}

// oracle recomputes everything in a vector that follows from its option,
// level, keys, challenges and plain messages.
func oracle(v *vector) {
	i, level := v.Options[0], v.Level[0]
	enc, macKey, dek := []byte(v.Enc), []byte(v.MAC), []byte(v.DEK)
	if i&0x01 == 0 {
		macKey, dek = enc, enc
	}
	host, seq := []byte(v.InitializeUpdate[5:13]), []byte(v.Response[12:14])
	v.SENC = oracleKey(enc, 0x0182, seq)
	v.SMAC = oracleKey(macKey, 0x0101, seq)
	v.SDEK = oracleKey(dek, 0x0181, seq)
	if i&0x20 != 0 {
		v.SRMAC = oracleKey(macKey, 0x0102, seq)
	}
	card := []byte(v.Response[14:20])
	if i&0x40 != 0 {
		card = oracleRetail(v.SMAC, make([]byte, 8), v.AID)[:6]
	}
	v.CardCryptogram = oracleCryptogram(v.SENC, host, seq, card)
	v.HostCryptogram = oracleCryptogram(v.SENC, seq, card, host)
	v.Response = slices.Concat(v.Response[:14], card, v.CardCryptogram)
	head := []byte{0x84, 0x82, level, 0, 0x10}
	v.FirstCMAC = oracleRetail(v.SMAC, make([]byte, 8), slices.Concat(head, v.HostCryptogram))
	v.ExternalAuthenticate = slices.Concat(head, v.HostCryptogram, v.FirstCMAC)
	oracleCommands(v, i, level)
	if v.Sensitive != nil {
		s := *v.Sensitive
		b := oracleTDES(v.SDEK)
		s.Encrypted = slices.Clone(s.Plain)
		for o := 0; o < len(s.Plain); o += 8 {
			b.Encrypt(s.Encrypted[o:], s.Plain[o:])
		}
		v.Sensitive = &s
	}
}

// oracleCommands follows the chains through the commands.
func oracleCommands(v *vector, i, level byte) {
	chain, rchain := []byte(v.FirstCMAC), []byte(v.FirstCMAC)
	each, silent := level&0x10 != 0, false
	for n := range v.Commands {
		x := &v.Commands[n]
		p := []byte(x.Plain)
		var data, le []byte
		if len(p) > 5 {
			data, le = p[5:5+int(p[4])], p[5+int(p[4]):]
		} else {
			le = p[4:]
		}
		if level&0x01 != 0 {
			icv := slices.Clone(chain)
			if i&0x10 != 0 {
				k1, _ := des.NewCipher(v.SMAC[:8])
				k1.Encrypt(icv, icv)
			}
			macHead := []byte{oracleClass(p[0]) | 0x04, p[1], p[2], p[3], byte(len(data) + 8)}
			if i&0x02 != 0 {
				macHead[0], macHead[4] = oracleClass(p[0]), byte(len(data))
			}
			x.ICV = icv
			x.CMAC = oracleRetail(v.SMAC, icv, slices.Concat(macHead, data))
			chain = x.CMAC
			sent := data
			if level&0x02 != 0 && len(data) > 0 {
				sent = oracleCBC(v.SENC, oraclePad(data))
			}
			sm := byte(0x04)
			if p[0]&0x40 != 0 {
				sm = 0x20
			}
			x.Protected = slices.Concat([]byte{p[0] | sm, p[1], p[2], p[3], byte(len(sent) + 8)}, sent, x.CMAC, le)
		} else {
			x.Protected = x.Plain
		}
		if len(x.PlainResponse) == 0 {
			continue
		}
		end := p[1] == 0x78
		x.Response = x.PlainResponse
		if each || silent {
			r := x.PlainResponse
			d, sw := r[:len(r)-2], r[len(r)-2:]
			msg := slices.Concat([]byte{oracleClass(p[0]), p[1], p[2], p[3], byte(len(data))}, data, []byte{byte(len(d))}, d, sw)
			rchain = oracleRetail(v.SRMAC, rchain, msg)
			x.RMAC = rchain
			if each || end {
				x.Response = slices.Concat(d, rchain, sw)
			}
		}
		switch {
		case p[1] == 0x7A:
			each, silent = p[2] == 0x10, p[2] == 0
		case end:
			each, silent = false, false
		}
	}
}

// oracleClass is the class byte on the basic logical channel.
func oracleClass(cla byte) byte {
	if cla&0x40 != 0 {
		return cla & 0x90
	}
	return cla &^ 0x03
}
