package scp03

const (
	firstChannels  = 4 // channels that a class byte 8x can name
	maximumChannel = 19
)

// channelClass is the proprietary class byte 8x or Cx of a logical channel.
func channelClass(channel byte) byte {
	if channel < firstChannels {
		return 0x80 | channel
	}
	return 0xC0 | (channel - firstChannels)
}
