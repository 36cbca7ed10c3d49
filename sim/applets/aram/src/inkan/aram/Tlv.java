package inkan.aram;

/**
 * Data objects in the form in which they are stored and sent: a tag of one
 * byte, the length in the fewest bytes. What comes from outside is read by
 * RuleReader, which trusts nothing.
 */
final class Tlv {
	private Tlv() {
	}

	/** The offset of the value of the object at an offset. */
	static short value(byte[] b, short offset) {
		byte first = b[(short) (offset + 1)];
		if (first >= 0) {
			return (short) (offset + 2);
		}
		return (short) (offset + 2 + (first & 0x7F));
	}

	/** The length of the value of the object at an offset. */
	static short length(byte[] b, short offset) {
		byte first = b[(short) (offset + 1)];
		if (first >= 0) {
			return first;
		}
		short n = (short) (b[(short) (offset + 2)] & 0xFF);
		if (first == (byte) 0x82) {
			n = (short) ((short) (n << 8) | (short) (b[(short) (offset + 3)] & 0xFF));
		}
		return n;
	}

	/** The offset behind the object at an offset. */
	static short next(byte[] b, short offset) {
		return (short) (value(b, offset) + length(b, offset));
	}

	/** The size of an object whose value has n bytes. */
	static short size(short n) {
		return (short) (2 + extra(n) + n);
	}

	/** How many bytes a length needs beside the first one. */
	static short extra(short n) {
		if (n < 128) {
			return 0;
		}
		if (n < 256) {
			return 1;
		}
		return 2;
	}

	/** Writes a tag; returns the offset behind it. */
	static short putTag(byte[] b, short offset, byte tag) {
		b[offset] = tag;
		return (short) (offset + 1);
	}

	/** Writes a length; returns the offset behind it. */
	static short putLength(byte[] b, short offset, short n) {
		if (n >= 256) {
			b[offset++] = (byte) 0x82;
			b[offset++] = (byte) (n >> 8);
		} else if (n >= 128) {
			b[offset++] = (byte) 0x81;
		}
		b[offset++] = (byte) n;
		return offset;
	}
}
