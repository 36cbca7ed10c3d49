package engine

import (
	"crypto"
	"fmt"
	"strings"

	"inkan/core/entropy"
	"inkan/sim/clock"
)

// Measurement is a time measured on a real card for one operation, and how the
// chip's model gets at it.
type Measurement struct {
	Operation string
	Measured  float64 // milliseconds
	Fitted    string  // the parameter fitted on it; empty: the rest is prediction
	Cycles    func(*Chip) uint64
}

// Mix is the share of each class in the measured bytecode programs, in
// thousandths: 43 % array and field access, as counted in one of them.
var Mix = map[Class]uint64{
	Simple: 330, Arithmetic: 170, BranchClass: 70, ArrayLoad: 190, ArrayStore: 100, FieldLoad: 120, FieldStore: 20,
}

// mixCodeBytes is the mean length of an instruction of the mix, in thousandths.
const mixCodeBytes = 1500

// Bytecodes is the time of so many instructions of the mix, wait states and
// access checks included; the objects are in RAM.
func (c *Chip) Bytecodes(count uint64) uint64 {
	var sum uint64
	for class, share := range Mix {
		cycles := uint64(c.CPU.Cycles(class))
		switch class {
		case ArrayLoad, ArrayStore, FieldLoad, FieldStore:
			cycles += uint64(c.CPU.Firewall)
		}
		sum += share * cycles
	}
	sum += mixCodeBytes * uint64(c.CPU.CodeByte)
	return count * sum / 1000
}

// loopBytecodes is what the measuring applet itself executes for each
// operation: loop, arguments, call.
const loopBytecodes = 20

// call is an API method called from the measuring applet.
func (c *Chip) call(work uint64) uint64 {
	return c.Bytecodes(loopBytecodes) + c.CPU.NativeCall + work
}

// run counts the cycles of work on engines of the chip.
func (c *Chip) run(work func(*Engines)) uint64 {
	var k clock.Clock
	work(New(c, &k, entropy.Seeded(1, "timing")))
	return k.Now()
}

func hashed(alg crypto.Hash, n int) func(*Chip) uint64 {
	return func(c *Chip) uint64 {
		return c.call(c.run(func(g *Engines) { g.Hash(alg, nil, make([]byte, n)) }))
	}
}

func aesBlocks(keyBytes, n int) func(*Chip) uint64 {
	return func(c *Chip) uint64 {
		return c.call(c.CPU.CipherCall + uint64(n/16)*c.AES.Block(keyBytes) + uint64(n)*c.CPU.NativeByte)
	}
}

func desBlocks(passes, n int) func(*Chip) uint64 {
	return func(c *Chip) uint64 {
		return c.call(c.CPU.CipherCall + uint64(n/8)*c.DES.Block(passes) + uint64(n)*c.CPU.NativeByte)
	}
}

func randomBytes(n int) func(*Chip) uint64 {
	return func(c *Chip) uint64 { return c.call(c.Random.Bytes(n) + uint64(n)*c.CPU.NativeByte) }
}

func checksummed(n int) func(*Chip) uint64 {
	return func(c *Chip) uint64 { return c.call(uint64(n) * c.Checksum.Byte) }
}

func bytecodes(n uint64) func(*Chip) uint64 { return func(c *Chip) uint64 { return c.Bytecodes(n) } }

// xor is the loop over 16 bytes in bytecode, called as the other tests are.
func xorLoop(c *Chip) uint64 { return c.Bytecodes(149 + loopBytecodes) }

func rsaCRT(bitCount int) func(*Chip) uint64 {
	return func(c *Chip) uint64 {
		m := &c.Multiplier
		return c.call(c.CPU.CipherCall + m.CRT(m.Words(bitCount/2)))
	}
}

func rsaPlain(bitCount int) func(*Chip) uint64 {
	return func(c *Chip) uint64 {
		m := &c.Multiplier
		return c.call(c.CPU.CipherCall + m.Exp(m.Words(bitCount), bitCount))
	}
}

func rsaPublic(bitCount int) func(*Chip) uint64 {
	return func(c *Chip) uint64 {
		m := &c.Multiplier
		return c.call(c.CPU.CipherCall + m.PublicExp(m.Words(bitCount), 17, 2))
	}
}

func rsaSignCRT(bitCount, n int) func(*Chip) uint64 {
	return func(c *Chip) uint64 {
		return rsaCRT(bitCount)(c) + c.run(func(g *Engines) { g.Hash(crypto.SHA1, nil, make([]byte, n)) })
	}
}

// rsaGenerate is the mean of ten keys of the seed "timing".
func rsaGenerate(bitCount int) func(*Chip) uint64 {
	return func(c *Chip) uint64 {
		return c.run(func(g *Engines) {
			for range 10 {
				if _, err := g.GenerateRSA(bitCount, []byte{1, 0, 1}); err != nil {
					panic(err)
				}
			}
		}) / 10
	}
}

func ecP256(c *Chip) uint64 { return c.Multiplier.ScalarMult(c.Multiplier.Words(256), 256, 256) }

func ecGenerate(c *Chip) uint64 { return c.call(ecP256(c) + c.Random.Bytes(40)) }

func agreeP256(c *Chip) uint64 { return c.call(c.CPU.CipherCall + ecP256(c)) }

func signP256(c *Chip) uint64 {
	hash := c.run(func(g *Engines) { g.Hash(crypto.SHA1, nil, make([]byte, 256)) })
	return c.call(c.CPU.CipherCall + hash + ecP256(c) + c.Random.Bytes(40) + c.Multiplier.InverseModN(256))
}

// nvmWrite is a write of n bytes, aligned to a page.
func nvmWrite(n uint32) func(*Chip) uint64 {
	return func(c *Chip) uint64 {
		g := &c.NVM
		pages := uint64((n + g.PageBytes - 1) / g.PageBytes)
		words := uint64((n + g.WordBytes - 1) / g.WordBytes)
		return c.call(pages*(g.EraseCycles+g.ProgramCycles) + words*g.WordCycles + uint64(n)*c.CPU.NativeByte)
	}
}

// MeasuredCard is a real card and the chip that models one like it.
type MeasuredCard struct {
	Card         string
	Chip         *Chip
	Measurements []Measurement
}

// MeasuredCards are the cards that the chips are compared with. The times are
// those of public JCAlgTest runs.
func MeasuredCards() []MeasuredCard {
	return []MeasuredCard{
		{"Taisys SIMoME (SIM card)", reference, simMeasurements()},
		{"NXP J3H145 (contact card)", eepromCard, contactMeasurements()},
	}
}

func simMeasurements() []Measurement {
	return []Measurement{
		{"RSA-2048 CRT private", 190, "Multiplier.Row", rsaCRT(2048)},
		{"software AES block, 25,967 bytecodes", 128.64, "CPU.StepMillicycles", bytecodes(25967)},
		{"software xor of 16 B, 149 bytecodes", 1.46, "", xorLoop},
		{"RSA-1024 private, no CRT", 74.12, "", rsaPlain(1024)},
		{"RSA-2048 CRT key generation (mean of 10)", 9421.5, "", rsaGenerate(2048)},
		{"EC P-256 key generation", 868.4, "", ecGenerate},
		{"SHA-1, 256 B", 9.35, "", hashed(crypto.SHA1, 256)},
		{"SHA-256, 256 B", 12.93, "", hashed(crypto.SHA256, 256)},
		{"SHA-512, 256 B", 3.58, "", hashed(crypto.SHA512, 256)},
		{"AES-128 CBC, 256 B", 8.16, "", aesBlocks(16, 256)},
		{"AES-256 CBC, 256 B", 10.27, "", aesBlocks(32, 256)},
		{"DES CBC, 256 B", 11.31, "", desBlocks(1, 256)},
		{"3DES CBC, 256 B", 12.04, "", desBlocks(3, 256)},
		{"secure random, 256 B", 1.82, "", randomBytes(256)},
		{"CRC-16, 256 B", 0.60, "", checksummed(256)},
		{"CRC-32, 256 B", 0.88, "", checksummed(256)},
	}
}

func contactMeasurements() []Measurement {
	return []Measurement{
		{"RSA-2048 CRT private", 192.34, "Multiplier.Row", rsaCRT(2048)},
		{"software AES block, 25,967 bytecodes", 309.07, "CPU.StepMillicycles", bytecodes(25967)},
		{"AES-128 ECB, 16 B", 8.23, "CPU.CipherCall", aesBlocks(16, 16)},
		{"AES-128 ECB, 512 B", 10.24, "AES.Round", aesBlocks(16, 512)},
		{"SHA-1, 256 B", 7.93, "Hash.Round32", hashed(crypto.SHA1, 256)},
		{"software xor of 16 B, 149 bytecodes", 3.56, "", xorLoop},
		{"RSA-1024 CRT private", 57.24, "", rsaCRT(1024)},
		{"RSA-2048 private, no CRT", 514, "", rsaPlain(2048)},
		{"RSA-1024 public", 5.86, "", rsaPublic(1024)},
		{"RSA-2048 public", 11.18, "", rsaPublic(2048)},
		{"RSA-1024 CRT signature, 256 B", 65.12, "", rsaSignCRT(1024, 256)},
		{"RSA-2048 CRT signature, 256 B", 200.86, "", rsaSignCRT(2048, 256)},
		{"RSA-1024 CRT key generation (mean of 10)", 1185.4, "", rsaGenerate(1024)},
		{"EC P-256 key generation", 156.3, "", ecGenerate},
		{"ECDH P-256", 55.08, "", agreeP256},
		{"ECDSA P-256, 256 B", 56.29, "", signP256},
		{"SHA-256, 16 B", 1.34, "", hashed(crypto.SHA256, 16)},
		{"SHA-256, 128 B", 5.32, "", hashed(crypto.SHA256, 128)},
		{"SHA-512, 256 B", 13.26, "", hashed(crypto.SHA512, 256)},
		{"AES-256 ECB, 256 B", 9.30, "", aesBlocks(32, 256)},
		{"DES CBC, 256 B", 8.15, "", desBlocks(1, 256)},
		{"3DES CBC, 256 B", 8.44, "", desBlocks(3, 256)},
		{"secure random, 16 B", 0.64, "", randomBytes(16)},
		{"secure random, 512 B", 2.24, "", randomBytes(512)},
		{"CRC-16, 256 B", 1.43, "", checksummed(256)},
		{"CRC-32, 256 B", 0.60, "", checksummed(256)},
		{"write RAM to NVM, 256 B", 1.52, "", nvmWrite(256)},
	}
}

// FitTable is the comparison as Markdown, one table for each card.
// Spec: SPEC-TIMING-005.
func FitTable() string {
	var b strings.Builder
	for _, card := range MeasuredCards() {
		fmt.Fprintf(&b, "### %s against %s\n\n", card.Chip.Name, card.Card)
		b.WriteString("| operation | measured, ms | model, ms | error | kind |\n|---|---|---|---|---|\n")
		for _, m := range card.Measurements {
			model := card.Chip.Milliseconds(m.Cycles(card.Chip))
			kind := "prediction"
			if m.Fitted != "" {
				kind = "fitted: `" + m.Fitted + "`"
			}
			fmt.Fprintf(&b, "| %s | %.2f | %.2f | %+.0f %% | %s |\n", m.Operation, m.Measured, model, 100*(model/m.Measured-1), kind)
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
