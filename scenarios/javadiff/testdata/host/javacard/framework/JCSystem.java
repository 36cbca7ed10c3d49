package javacard.framework;

public final class JCSystem {
    private JCSystem() {}

    public static boolean[] makeTransientBooleanArray(short length, byte event) {
        return new boolean[length];
    }

    public static byte[] makeTransientByteArray(short length, byte event) {
        return new byte[length];
    }

    public static short[] makeTransientShortArray(short length, byte event) {
        return new short[length];
    }

    public static Object[] makeTransientObjectArray(short length, byte event) {
        return new Object[length];
    }
}
