// refused 5: array of more than one dimension
package inkan.lang.arrays2;

public class Case {
    static Object f() { return new byte[2][3]; }
}
