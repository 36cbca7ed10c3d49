package javacard.framework;

public class Util {
    private Util() {}

    public static final short arrayCopy(byte[] src, short srcOff, byte[] dest, short destOff, short length) {
        check(src, srcOff, length);
        check(dest, destOff, length);
        System.arraycopy(src, srcOff, dest, destOff, length);
        return (short) (destOff + length);
    }

    public static final short arrayCopyNonAtomic(byte[] src, short srcOff, byte[] dest, short destOff, short length) {
        return arrayCopy(src, srcOff, dest, destOff, length);
    }

    public static final short arrayFillNonAtomic(byte[] bArray, short bOff, short bLen, byte bValue) {
        check(bArray, bOff, bLen);
        java.util.Arrays.fill(bArray, bOff, bOff + bLen, bValue);
        return (short) (bOff + bLen);
    }

    public static final byte arrayCompare(byte[] src, short srcOff, byte[] dest, short destOff, short length) {
        check(src, srcOff, length);
        check(dest, destOff, length);
        for (int i = 0; i < length; i++) {
            byte a = src[srcOff + i];
            byte b = dest[destOff + i];
            if (a != b) {
                return (byte) ((a & 0xFF) < (b & 0xFF) ? -1 : 1);
            }
        }
        return 0;
    }

    public static final short makeShort(byte b1, byte b2) {
        return (short) (b1 << 8 | b2 & 0xFF);
    }

    public static final short getShort(byte[] bArray, short bOff) {
        check(bArray, bOff, (short) 2);
        return makeShort(bArray[bOff], bArray[bOff + 1]);
    }

    public static final short setShort(byte[] bArray, short bOff, short sValue) {
        check(bArray, bOff, (short) 2);
        bArray[bOff] = (byte) (sValue >> 8);
        bArray[bOff + 1] = (byte) sValue;
        return (short) (bOff + 2);
    }

    /** Null comes before the bounds: SPEC-RUNTIME-062. */
    private static void check(byte[] b, short offset, short length) {
        int size = b.length;
        if (offset < 0 || length < 0 || offset + length > size) {
            throw new ArrayIndexOutOfBoundsException();
        }
    }
}
