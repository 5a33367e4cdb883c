/**
 * The codes of all findings and errors of bgfn, grouped by the part that reports them. Codes are
 * part of the interface: scripts compare them, so a code is never renamed and never used for
 * another problem.
 */
export type DiagnosticCode =
  | SourceCode
  | ConfigurationCode
  | DiscoveryCode
  | BundleCode
  | PackCode
  | ManifestCode
  | StoreCode
  | RuntimeCode
  | CommandCode
  | TargetCode;

/** Problems in the source of a function that the build finds while it reads the source. */
type SourceCode =
  /** The source cannot be parsed. */
  | 'SYNTAX_ERROR'
  /** The source has neither a default export nor a `handler`. */
  | 'EXPORT_MISSING'
  /** The default export is a plain value. */
  | 'EXPORT_INVALID'
  /** A spread in the default export hides which events the function handles. */
  | 'HANDLERS_NOT_STATIC'
  /** A value of `config` is known only when the function runs. */
  | 'CONFIG_NOT_STATIC'
  /** The source has an exported `config` and another `config` in the default export. */
  | 'CONFIG_TWICE';

/** Problems with settings, in a function's `config`, in netlify.toml or in the environment. */
type ConfigurationCode =
  /** Netlify.toml is not valid TOML. */
  | 'CONFIG_SYNTAX'
  /** A file with settings is missing or cannot be read. */
  | 'CONFIG_UNREADABLE'
  /** A setting breaks its rule. */
  | 'CONFIG_INVALID'
  /** Two settings, or a setting and the function's name, exclude each other. */
  | 'CONFIG_CONTRADICTION'
  /** A setting does not exist, or is not allowed in this place. */
  | 'CONFIG_UNKNOWN_KEY'
  /** A setting is beyond a limit of the platform, and the limit is used. */
  | 'CONFIG_OVER_LIMIT'
  /** A setting does nothing for this function. */
  | 'CONFIG_NO_EFFECT'
  /** A setting is valid, but probably not meant this way. */
  | 'CONFIG_SUSPICIOUS'
  /** Settings for one deploy context are not applied. */
  | 'CONFIG_CONTEXT_IGNORED'
  /** A file with environment variables cannot be read. */
  | 'ENV_FILE_UNREADABLE';

/** Problems with the functions directories and the files in them. */
type DiscoveryCode =
  /** The functions directory does not exist. */
  | 'FUNCTIONS_DIRECTORY_MISSING'
  /** The path of the functions directory is a file. */
  | 'FUNCTIONS_DIRECTORY_NOT_A_DIRECTORY'
  /** The functions directory cannot be read. */
  | 'FUNCTIONS_DIRECTORY_UNREADABLE'
  /** Several files are the same function, or names differ only in upper and lower case. */
  | 'FUNCTION_CONFLICT'
  /** The name of a function has other characters than letters, digits, `-` and `_`. */
  | 'FUNCTION_NAME_INVALID'
  /** A file in the functions directory cannot be read, or is a broken link. */
  | 'FUNCTION_UNREADABLE'
  /** Two functions have the same path. */
  | 'ROUTE_CONFLICT'
  /** A function is written in a language that bgfn does not build. */
  | 'RUNTIME_UNSUPPORTED'
  /** A Go binary is for another platform than Linux on amd64 or arm64. */
  | 'BINARY_WRONG_PLATFORM'
  /** An executable was not built by Go. */
  | 'BINARY_NOT_GO';

/** Problems with the imports and the files of a function, and the messages of the compilers. */
type BundleCode =
  /** The target of an import does not exist. */
  | 'UNRESOLVED_IMPORT'
  /** An ES module uses the `exports` or `module` of CommonJS. */
  | 'COMMONJS_IN_MODULE'
  /** A function imports a package, and its bundler ships none. */
  | 'PACKAGE_LEFT_OUT'
  /** A file of an installed package, or a package that it depends on, is missing. */
  | 'INSTALL_INCOMPLETE'
  /** A file is imported that is neither code nor JSON. */
  | 'FILE_TYPE_UNKNOWN'
  /** A package with machine code is loaded outside production only, and is left out. */
  | 'DEVELOPMENT_ONLY'
  /** The target of an import is known only at run time. */
  | 'DYNAMIC_IMPORT'
  /** Code fails in strict mode, which the bundle has. */
  | 'SLOPPY_MODE'
  /** An entry of `includedFiles` matches no file. */
  | 'INCLUDED_FILES_UNMATCHED'
  /** A directory that a function uses has too many files to be included without being listed. */
  | 'DIRECTORY_LEFT_OUT'
  /** A function names a file that has secrets. */
  | 'PRIVATE_FILE'
  /** A package is in a zip of Yarn's Plug'n'Play, which Node cannot read. */
  | 'PLUG_AND_PLAY'
  /** The source contains a text that looks like a credential. */
  | 'SECRET_IN_SOURCE'
  /** A built-in module exists only in newer versions of Node than the function's. */
  | 'NEWER_BUILTIN'
  /** The source relies on decorator metadata, which the bundler does not write. */
  | 'DECORATOR_METADATA'
  /** A native addon is for another machine than the function's. */
  | 'NATIVE_TARGET'
  /** A function needs Go, and Go is not installed. */
  | 'GO_MISSING'
  /** `go build` failed. */
  | 'GO_BUILD'
  /** A Go binary is for another CPU than the one that the function is built for. */
  | 'GO_BINARY_ARCHITECTURE'
  /** A message of esbuild that has no name in esbuild. */
  | 'ESBUILD'
  /** A message of esbuild that has a name in esbuild, such as `ESBUILD_DIRECT_EVAL`. */
  | `ESBUILD_${string}`;

/** Problems of packing, publishing and watching. */
type PackCode =
  /** One or more functions could not be built; the error carries every finding. */
  | 'BUILD_FAILED'
  /** A file of a function cannot be read. */
  | 'FILE_UNREADABLE'
  /** Two files of an artifact have the same path, or a path leads out of the artifact. */
  | 'ARTIFACT_PATH_CONFLICT'
  /** An artifact exceeds a limit of Netlify and AWS Lambda. */
  | 'ARTIFACT_TOO_LARGE'
  /** A prebuilt zip is damaged. */
  | 'ZIP_INVALID'
  /** The output directory is, contains or lies in a functions directory. */
  | 'OUTPUT_AMONG_SOURCES'
  /** The output directory cannot be written. */
  | 'OUTPUT_UNWRITABLE'
  /** The machine is neither Linux nor macOS, on x64 or arm64. */
  | 'UNSUPPORTED_PLATFORM'
  /** The system does not allow more file watches. */
  | 'WATCH_LIMIT';

/** Problems that readers of the manifest and of its artifacts find. */
type ManifestCode =
  /** The directory of artifacts has no manifest. */
  | 'MANIFEST_MISSING'
  /** The manifest cannot be read. */
  | 'MANIFEST_UNREADABLE'
  /** The manifest is not JSON. */
  | 'MANIFEST_NOT_JSON'
  /** A field of the manifest is missing or wrong. */
  | 'MANIFEST_INVALID'
  /** The manifest was written by a newer bgfn. */
  | 'MANIFEST_NEWER'
  /** Two functions of the manifest have the same name. */
  | 'MANIFEST_NAME_CONFLICT'
  /** A zip that the manifest names does not exist. */
  | 'ARTIFACT_MISSING'
  /** The zip of a function cannot be read. */
  | 'ARTIFACT_CORRUPT'
  /** The zip of a function differs from the zip that was built. */
  | 'ARTIFACT_MISMATCH'
  /** The zip to deploy differs from the zip that was built. */
  | 'ARTIFACT_CHANGED'
  /** The zip has entries that are never extracted: links, paths that lead outside, zip bombs. */
  | 'ARTIFACT_UNSAFE'
  /** The functions cannot be unpacked. */
  | 'EXTRACT_FAILED';

/** Problems with the databases of the queue and of the logs. */
type StoreCode =
  /** The queue does not exist, because no runtime has run in this project. */
  | 'STORE_MISSING'
  /** The file of the database is damaged. bgfn does not change it. */
  | 'STORE_CORRUPT'
  /** The file of the database belongs to another program. */
  | 'STORE_FOREIGN'
  /** The database was written by a newer bgfn. */
  | 'STORE_NEWER'
  /** This user may not read the database. */
  | 'STORE_NOT_YOURS'
  /** The storage device cannot be read or written at the moment. */
  | 'STORE_UNAVAILABLE'
  /** `--store` names a kind of database that bgfn does not have. */
  | 'STORE_UNSUPPORTED';

/** Problems of a runtime that starts or runs, and of its admin API. */
type RuntimeCode =
  /** Another process listens on the port. */
  | 'PORT_IN_USE'
  /** This user may not listen on the port. */
  | 'PORT_FORBIDDEN'
  /** The value of `--host` is not an address of this machine. */
  | 'HOST_UNKNOWN'
  /** A runtime that is shutting down received a reload request. */
  | 'RUNTIME_CLOSING'
  /** No admin API responds at the address. */
  | 'ADMIN_UNREACHABLE'
  /** The admin API responded with an error. */
  | 'ADMIN_REFUSED'
  /** The admin port is open to other machines, and no token is set. */
  | 'ADMIN_TOKEN_MISSING'
  /** The request to the admin API has no token or a wrong token. */
  | 'ADMIN_TOKEN_WRONG';

/** Problems with the arguments of a command, and with the functions and invocations they name. */
type CommandCode =
  /** The flags or arguments of the command are wrong. */
  | 'USAGE'
  /** No function has the given name. */
  | 'FUNCTION_UNKNOWN'
  /** The payload is not JSON. */
  | 'PAYLOAD_NOT_JSON'
  /** The file with the payload cannot be read. */
  | 'PAYLOAD_UNREADABLE'
  /** The runtime cannot be reached. */
  | 'INVOKE_UNREACHABLE'
  /** A sync function responded with an error. */
  | 'INVOKE_FAILED'
  /** The server at the address is not bgfn: its response has no invocation id. */
  | 'INVOKE_NO_ID'
  /** No invocation has the given id. */
  | 'INVOCATION_UNKNOWN'
  /** Several invocations have an id with the given beginning or end. */
  | 'INVOCATION_AMBIGUOUS'
  /** The state of the invocation does not allow the change. */
  | 'INVOCATION_UNCHANGED'
  /** The invocation that `invoke --wait` waited for failed or was cancelled. */
  | 'INVOCATION_NOT_SUCCEEDED'
  /** No event has the given name. */
  | 'EVENT_UNKNOWN'
  /** No function subscribes to the event. */
  | 'EVENT_UNHEARD';

/** Problems of infrastructure files and of deployment. */
type TargetCode =
  /** The manifest has no functions. */
  | 'NOTHING_TO_DEPLOY'
  /** The target cannot express a schedule. */
  | 'SCHEDULE_NOT_PORTABLE'
  /** The target cannot express a route. */
  | 'ROUTE_NOT_PORTABLE'
  /** The target does not support excluded paths. */
  | 'EXCLUDED_PATH_NOT_PORTABLE'
  /** The target allows fewer attempts, or other delays between them. */
  | 'RETRY_NOT_PORTABLE'
  /** The target does not limit the rate of requests. */
  | 'RATE_LIMIT_NOT_PORTABLE'
  /** The target does not support a destination. */
  | 'DESTINATION_NOT_PORTABLE'
  /** The function's name is longer than the target allows. */
  | 'NAME_SHORTENED'
  /** The target does not allow the name of an environment variable. */
  | 'ENVIRONMENT_NAME_INVALID'
  /** The Terraform module takes the environment as a variable. */
  | 'ENVIRONMENT_IS_A_VARIABLE'
  /** `@aws-sdk/client-lambda` is not installed. */
  | 'AWS_SDK_MISSING'
  /** No region is set for AWS. */
  | 'AWS_REGION_MISSING'
  /** AWS rejects the credentials, or no credentials are set. */
  | 'AWS_CREDENTIALS'
  /** A new function on AWS needs a role, and no role was given. */
  | 'AWS_ROLE_MISSING'
  /** A function's name, prefix included, is longer than AWS allows. */
  | 'AWS_NAME_TOO_LONG'
  /** The installed SDK does not support the function's runtime. */
  | 'AWS_RUNTIME_UNKNOWN'
  /** The content of an artifact is larger than AWS Lambda accepts. */
  | 'AWS_ARTIFACT_TOO_LARGE'
  /** An artifact is larger than AWS accepts in an upload. */
  | 'AWS_ZIP_TOO_LARGE'
  /** AWS refused to create or change a function. */
  | 'AWS_REFUSED';
