import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

const noOperators = [
  {
    selector: 'Property[key.name="$where"], Property[key.value="$where"]',
    message: '$where runs code in the database.',
  },
  {
    selector: 'Property[key.name="$function"], Property[key.name="$accumulator"]',
    message: 'Runs code in the database.',
  },
]

// The direction of imports is tested by tests/unit/layers.test.ts, in one map.
export default ts.config(
  {
    ignores: [
      '.nuxt/**',
      '.output/**',
      '.data/**',
      'node_modules/**',
      'artifacts/**',
      'test-results/**',
      'playwright-report/**',
      'coverage/**',
    ],
  },
  ...ts.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    // Rules that need types. Vue files get the same options: the parser would otherwise load the
    // whole project a second time.
    files: ['**/*.ts', '**/*.vue'],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    rules: {
      // TypeScript itself knows what is defined.
      'no-undef': 'off',
      semi: ['error', 'never'],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-control-regex': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/no-empty-object-type': [
        'error',
        { allowInterfaces: 'with-single-extends' },
      ],
      'no-restricted-syntax': ['error', ...noOperators],
      'vue/no-v-html': 'error',
      'vue/multi-word-component-names': 'off',
      // Prettier lays out templates.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/attributes-order': 'off',
    },
  },
  {
    // Declaring a global for `globalThis` takes a var.
    files: ['modules/**', 'tests/support/**'],
    rules: { 'no-var': 'off' },
  },
  {
    files: ['server/**', 'shared/**'],
    rules: {
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        ...noOperators,
        {
          selector: 'CallExpression[callee.name="createError"]',
          message: 'Throw a DomainError: what createError is given reaches the client verbatim.',
        },
      ],
    },
  },
  {
    // What must be refused has to be written down somewhere.
    files: ['tests/**'],
    rules: { 'no-restricted-syntax': 'off' },
  },
)
