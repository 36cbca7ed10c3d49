package main

import (
	"encoding/binary"
	"errors"
)

var errProfile = errors.New("this is no profile")

// fields calls a function with each field of a message: with its number, or its bytes.
func fields(b []byte, each func(field, number uint64, data []byte) error) error {
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 {
			return errProfile
		}
		b = b[n:]
		number, n := binary.Uvarint(b)
		if n <= 0 {
			return errProfile
		}
		b = b[n:]
		var data []byte
		switch key & 7 {
		case 0:
		case 2:
			if number > uint64(len(b)) {
				return errProfile
			}
			data, b, number = b[:number], b[number:], 0
		default:
			return errProfile
		}
		if err := each(key>>3, number, data); err != nil {
			return err
		}
	}
	return nil
}

// numbers is a packed list.
func numbers(b []byte) (all []uint64, err error) {
	for len(b) > 0 {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, errProfile
		}
		all, b = append(all, v), b[n:]
	}
	return all, nil
}

// numbered are the plain fields of a message, by their numbers.
func numbered(b []byte) (map[uint64]uint64, error) {
	all := map[uint64]uint64{}
	err := fields(b, func(field, number uint64, _ []byte) error { all[field] = number; return nil })
	return all, err
}

func appendNumber(b []byte, field, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, field<<3), v)
}

func appendMessage(b []byte, field uint64, data []byte) []byte {
	return append(binary.AppendUvarint(binary.AppendUvarint(b, field<<3|2), uint64(len(data))), data...)
}
