package main

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"inkan/core/cap"
	"inkan/core/cap/verifier"
	"inkan/core/capc"
	"inkan/core/classfile"
	"inkan/core/wire"
)

var convertPromise = Promise{
	Name:       "convert 72 class files to a CAP file of 36253 bytes of bytecode",
	Baseline:   "parsing the class files and verifying the package",
	Limit:      8,
	MaxNanos:   200e6,
	AllocLimit: 180_000,
	Setup:      setupConvert,
}

const convertBytes = 36253

// jpkiClasses are the class files of the JPKI application, by javac of JDK 17.
//
//go:embed testdata/jpki.jar
var jpkiClasses []byte

// classFiles are those of a package with the JPKI application three times, its
// classes with another prefix each time.
func classFiles() (all [][]byte, err error) {
	z, err := zip.NewReader(bytes.NewReader(jpkiClasses), int64(len(jpkiClasses)))
	if err != nil {
		return nil, err
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		for _, prefix := range copies {
			renamed, err := rename(raw, "inkan/jpki/", "inkan/jpki/"+prefix)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f.Name, err)
			}
			all = append(all, renamed)
		}
	}
	return all, nil
}

var copies = []string{"", "Second", "Third"}

// rename replaces text in all UTF-8 constants of a class file (Java Virtual
// Machine Specification, chapter 4.4).
func rename(raw []byte, old, name string) ([]byte, error) {
	r := wire.NewReader("class file", raw)
	out := append([]byte(nil), r.Bytes(8, "magic and version")...)
	count := int(r.Uint16("constant_pool_count"))
	out = binary.BigEndian.AppendUint16(out, uint16(count))
	sizes := map[byte]int{3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4}
	for i := 1; i < count && r.Err() == nil; i++ {
		tag := r.Byte("tag")
		out = append(out, tag)
		if tag == 1 {
			text := bytes.ReplaceAll(r.Bytes(int(r.Uint16("length")), "UTF-8"), []byte(old), []byte(name))
			out = append(binary.BigEndian.AppendUint16(out, uint16(len(text))), text...)
			continue
		}
		if tag == 5 || tag == 6 {
			i++
		}
		out = append(out, r.Bytes(sizes[tag], "constant")...)
	}
	out = append(out, r.Bytes(r.Len(), "rest")...)
	return out, r.End()
}

func convertOptions() capc.Options {
	o := capc.Options{Package: "inkan.jpki", AID: commandAID[:6], Version: cap.Version{Major: 1}}
	for i, prefix := range copies {
		o.Applets = append(o.Applets, capc.Applet{AID: append(append([]byte(nil), o.AID...), byte(i+1)), Class: prefix + "JpkiApplet"})
	}
	return o
}

func parseAll(files [][]byte) ([]*classfile.Class, error) {
	var classes []*classfile.Class
	for _, raw := range files {
		k, err := classfile.Parse(raw)
		if err != nil {
			return nil, err
		}
		classes = append(classes, k)
	}
	return classes, nil
}

func setupConvert() (operation, baseline func(), err error) {
	files, err := classFiles()
	if err != nil {
		return nil, nil, err
	}
	options := convertOptions()
	var result *capc.Result
	operation = func() {
		var classes []*classfile.Class
		if classes, err = parseAll(files); err == nil {
			result, err = capc.Convert(classes, options)
		}
		if err != nil {
			panic(err)
		}
	}
	operation()
	if n := result.Statistics.BytecodeBytes; n != convertBytes {
		return nil, nil, errors.New(fmt.Sprint(len(files), " class files, ", n, " bytes of bytecode"))
	}
	f, err := cap.Open(result.CAP)
	if err != nil {
		return nil, nil, err
	}
	env := verifier.Standard()
	return operation, func() {
		if _, err := parseAll(files); err != nil {
			panic(err)
		}
		if r := verifier.Verify(f, env); r.Err() != nil {
			panic(r.Err())
		}
	}, nil
}
