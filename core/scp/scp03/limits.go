package scp03

import (
	"inkan/core/apdu"
	"inkan/core/scp"
)

// MaxCommandData is how many bytes of plain data fit a command at a level:
// 247 or 239 (S16) in a short command with C-MAC, 239 or 223 with C-DECRYPTION
// too.
// Spec: SPEC-SCP03-049.
func MaxCommandData(i Options, level scp.Level, extended bool) int {
	room := apdu.MaxShortData
	if extended {
		room = apdu.MaxExtendedData
	}
	return plainRoom(room, i, level&scp.CMAC != 0, level&scp.CDecryption != 0)
}

// MaxResponseData is how many bytes of plain data fit a response at a level:
// 248 or 240 (S16) in a short response with R-MAC, 239 with R-ENCRYPTION too.
func MaxResponseData(i Options, level scp.Level, extended bool) int {
	room := apdu.MaxShortNe
	if extended {
		room = apdu.MaxExtendedNe
	}
	return plainRoom(room, i, level&scp.RMAC != 0, level&scp.REncryption != 0)
}

func plainRoom(room int, i Options, mac, encrypted bool) int {
	if mac {
		room -= i.MACSize()
	}
	if encrypted {
		room = room/blockSize*blockSize - 1
	}
	return room
}
