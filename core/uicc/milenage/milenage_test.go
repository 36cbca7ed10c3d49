package milenage

import (
	"crypto/aes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inkan/spec/vectors"
)

type vector struct {
	vectors.Header
	K      vectors.Hex `json:"k"`
	OP     vectors.Hex `json:"op"`
	OPc    vectors.Hex `json:"opc"`
	RAND   vectors.Hex `json:"rand"`
	SQN    vectors.Hex `json:"sqn"`
	AMF    vectors.Hex `json:"amf"`
	F1     vectors.Hex `json:"f1"`
	F1Star vectors.Hex `json:"f1star"`
	F2     vectors.Hex `json:"f2"`
	F3     vectors.Hex `json:"f3"`
	F4     vectors.Hex `json:"f4"`
	F5     vectors.Hex `json:"f5"`
	F5Star vectors.Hex `json:"f5star"`
}

func TestVectors(t *testing.T) {
	for _, v := range vectors.Load[vector](t, "milenage.json") {
		t.Run(v.Name, func(t *testing.T) {
			c, err := aes.NewCipher(v.K)
			if err != nil {
				t.Fatal(err)
			}
			s := Set{Cipher: c, OPc: OPc(c, Block(v.OP))}
			macA, macS := s.Codes(Block(v.RAND), [6]byte(v.SQN), [2]byte(v.AMF))
			d, ak := s.Derive(Block(v.RAND)), s.ResyncAK(Block(v.RAND))
			got := []vectors.Hex{s.OPc[:], macA[:], macS[:], d.RES[:], d.CK[:], d.IK[:], d.AK[:], ak[:]}
			want := []vectors.Hex{v.OPc, v.F1, v.F1Star, v.F2, v.F3, v.F4, v.F5, v.F5Star}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
